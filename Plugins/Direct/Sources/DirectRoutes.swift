internal import Omnibus
internal import Synchronization

/// Which route takes the messages for a name, and how many of them it has under way. Of several with one name, as
/// during a reload, the newest takes them.
final class DirectRoutes: Sendable {
  /// A route that takes messages.
  final class Entry: Sendable {
    let deliver: Deliver
    fileprivate let state = Mutex(State())
    private let drained = StopSignal()

    fileprivate struct State {
      var calls = 0
      var isClosed = false
    }

    fileprivate init(_ deliver: Deliver) { self.deliver = deliver }

    /// Ends a call that `begin` started.
    func end() {
      let isDrained = state.withLock { state in
        state.calls -= 1
        return state.isClosed && state.calls == 0
      }
      if isDrained { drained.signal() }
    }

    /// Waits until no call is under way, or the task is cancelled; there are no new ones.
    fileprivate func drain() async {
      let isDrained = state.withLock { state in
        state.isClosed = true
        return state.calls == 0
      }
      if !isDrained { await drained.wait() }
    }
  }

  private let entries = Mutex<[String: [Entry]]>([:])

  /// Adds a route, before those of the same name.
  func add(_ name: String, _ deliver: Deliver) -> Entry {
    let entry = Entry(deliver)
    entries.withLock { $0[name, default: []].append(entry) }
    return entry
  }

  /// Takes the route back, and waits for the calls that it has under way.
  func remove(_ name: String, _ entry: Entry) async {
    entries.withLock { entries in
      entries[name]?.removeAll { $0 === entry }
      if entries[name]?.isEmpty == true { entries[name] = nil }
    }
    await entry.drain()
  }

  /// The newest route of the name, which counts a call until `end`; nil where there is none.
  func begin(_ name: String) -> Entry? {
    // Within the lock, so that nobody begins a call after `remove` took the entry away.
    entries.withLock { entries in
      guard let entry = entries[name]?.last else { return nil }
      entry.state.withLock { $0.calls += 1 }
      return entry
    }
  }
}
