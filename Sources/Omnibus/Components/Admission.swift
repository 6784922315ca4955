internal import Synchronization

/// Leave for a source to take one message: the permits that the route's middleware gave for it beforehand. Each is passed
/// on to the middleware that gave it when the message gets there; what is left is given back at the end.
public final class Admission: Sendable {
  private let permits: Mutex<[Permit]>
  private let onEnd: @Sendable () -> Void
  private let hasEnded = Atomic<Bool>(false)

  /// An admission with the permits that were taken; `onEnd` hears once that it has ended.
  public init(_ permits: [Permit] = [], onEnd: @escaping @Sendable () -> Void = {}) {
    self.permits = Mutex(permits)
    self.onEnd = onEnd
  }

  /// A source that breaks may forget to end what it was admitted for.
  deinit { end() }

  /// The permit that `giver` gave, which is then the caller's to end; nil where there is none, or it was taken.
  public func take(from giver: any Middleware & AnyObject) -> Permit? {
    permits.withLock { permits in
      guard let place = permits.firstIndex(where: { $0.giver == ObjectIdentifier(giver) }) else { return nil }
      return permits.remove(at: place)
    }
  }

  /// Gives back the permits that nobody took; once.
  public func end() {
    guard !hasEnded.exchange(true, ordering: .acquiringAndReleasing) else { return }
    let left = permits.withLock { permits in
      defer { permits = [] }
      return permits
    }
    for permit in left { permit.end() }
    onEnd()
  }
}

/// A place within a middleware that lets so many in at once. Held until `end`, however the call it was taken for ends.
public final class Permit: Sendable {
  /// What the giver tells it from others by.
  public let number: Int
  let giver: ObjectIdentifier
  private let onEnd: @Sendable () -> Void
  private let hasEnded = Atomic<Bool>(false)

  /// A permit of `giver`, which `onEnd` gives back.
  public init(of giver: any Middleware & AnyObject, number: Int = 0, onEnd: @escaping @Sendable () -> Void) {
    self.giver = ObjectIdentifier(giver)
    self.number = number
    self.onEnd = onEnd
  }

  /// Gives the place back; once.
  public func end() { if !hasEnded.exchange(true, ordering: .acquiringAndReleasing) { onEnd() } }
}

/// Middleware that limits what is within it, and so can be asked before a message is taken from where it is safe: a
/// source that fetches its messages asks for the permit first, and fetches then.
public protocol AdmittingMiddleware: Middleware, AnyObject {
  /// Waits for a place as long as it takes; throws `CancellationError` when the task is cancelled.
  func admit(_ context: Context) async throws -> Permit
}
