internal import Synchronization

/// The endpoints of a listener, changed by any thread, read by its reactors.
final class EndpointRegistry: Sendable {
  private struct State {
    var last = 0
    var slots: [EndpointSlot] = []
    var table: EndpointTable?
  }

  /// Changes with the endpoints: whoever keeps a table looks here whether it is still the right one.
  let version = Atomic<Int>(0)
  private let state = Mutex(State())

  /// Adds an endpoint; answers its number.
  func add(_ endpoint: HTTPEndpoint) -> Int {
    state.withLock { state in
      state.last += 1
      state.slots.append(EndpointSlot(endpoint, number: state.last))
      state.table = nil
      version.add(1, ordering: .releasing)
      return state.last
    }
  }

  /// Takes an endpoint out; answers nil if it was out already.
  func remove(_ number: Int) -> EndpointSlot? {
    state.withLock { state in
      guard let place = state.slots.firstIndex(where: { $0.number == number }) else { return nil }
      state.table = nil
      version.add(1, ordering: .releasing)
      return state.slots.remove(at: place)
    }
  }

  /// The endpoints, oldest first.
  var all: [HTTPEndpoint] { state.withLock { $0.slots.map(\.endpoint) } }

  /// The present table with its version.
  func table() -> (table: EndpointTable, version: Int) {
    state.withLock { state in
      let table = state.table ?? EndpointTable(state.slots)
      state.table = table
      return (table, version.load(ordering: .relaxed))
    }
  }
}
