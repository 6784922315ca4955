internal import CReactor
internal import Synchronization

/// A name for what a thread is at, such as a step of a route, so that the watchdog can say who holds a reactor.
public final class Activity: Sendable {
  private struct Names {
    var last: UInt64 = 0
    var byNumber: [UInt64: String] = [:]
  }

  private static let names = Mutex(Names())

  /// How the watchdog calls it.
  public let name: String
  private let number: UInt64

  /// An activity; made once for each step, not for each message.
  public init(_ name: String) {
    self.name = name
    number = Self.names.withLock { names in
      names.last += 1
      names.byNumber[names.last] = name
      return names.last
    }
  }

  deinit {
    let number = number
    Self.names.withLock { _ = $0.byNumber.removeValue(forKey: number) }
  }

  /// The activity as it is told: a number, which costs nothing to take out of an array. Means something as long as the
  /// activity exists.
  public struct Mark: Sendable {
    let number: UInt64

    /// Says that the calling thread is at this from now on, until it begins something else. Costs about a nanosecond.
    public func begin() { omnibus_activity_set(number) }
  }

  /// What code that runs often says it by.
  public var mark: Mark { Mark(number: number) }

  /// The name of an activity that still exists.
  static func name(of number: UInt64) -> String? { names.withLock { $0.byNumber[number] } }
}
