internal import Omnibus
internal import OmnibusStore

/// The work of a route on one message that is leased: the lease is extended at each third of its time, and work whose lease
/// is lost all the same is cancelled, as another consumer has the message by then.
struct LeasedWork: Sendable {
  /// How it ended.
  enum End: Sendable {
    case returned
    case failed(Failure)
    case lostLease
  }

  private let lease: QueueLease
  private let store: any Store
  private let duration: Duration

  init(_ lease: QueueLease, _ store: any Store, _ duration: Duration) {
    self.lease = lease
    self.store = store
    self.duration = duration
  }

  /// Runs the route.
  func run(_ admission: Admission, _ deliver: Deliver) async -> End {
    var message = message
    message.delivery = Delivery(
      key: message.delivery?.key, attempt: attempt, received: received, admission: admission)
    return await withTaskGroup(of: End?.self) { group in
      group.addTask { [message] in
        var message = message
        do {
          try await deliver(&message)
          return .returned
        } catch {
          return .failed(Failure(error))
        }
      }
      group.addTask { await beat(deliver.context.clock) }
      var isLost = false
      for await end in group {
        // The heart stops without an answer when all is cancelled; the route answers always.
        guard let end else { continue }
        group.cancelAll()
        guard case .lostLease = end else { return isLost ? .lostLease : end }
        isLost = true
      }
      return .lostLease
    }
  }

  private var attempt: Int { lease.message.delivery?.attempt ?? 1 }
  private var received: Double { lease.message.delivery?.received ?? 0 }

  /// The message as it comes in to the route.
  var message: Message {
    var message = lease.message
    // What came in to the route that appended it, and what that one set, comes in to this one.
    message.headers.markInbound()
    let seconds = received.rounded(.down)
    let appended = Timestamp(seconds: Int64(seconds), nanoseconds: Int32((received - seconds) * 1000) * 1_000_000)
    message.properties["queue"] = .map(
      ValueMap([
        ("name", .string(lease.queue)), ("sequence", .int(lease.sequence)), ("attempt", .int(Int64(attempt))),
        ("appended", .timestamp(appended)),
      ]))
    return message
  }

  /// Extends the lease again and again; answers when it was lost, or nil when it is cancelled. A store that fails is
  /// asked again: only it knows whether the lease is lost.
  private func beat(_ clock: any EngineClock) async -> End? {
    while (try? await clock.sleep(for: duration / 3)) != nil {
      if let isHeld = try? await store.extend(lease, for: duration), !isHeld { return .lostLease }
    }
    return nil
  }
}
