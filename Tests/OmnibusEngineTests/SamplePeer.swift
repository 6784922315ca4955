import Omnibus
import OmnibusTesting
import Synchronization

/// A step whose connection is as a test says.
final class SamplePeer: ConnectedStep {
  private struct State {
    var condition = ConnectionCondition.ready
    var next = 0
    var observers: [Int: @Sendable () -> Void] = [:]
  }

  let name: String
  /// Told whenever it is to connect.
  let prepared = Recorder<String>()
  private let broken: Recorder<String>
  private let state = Mutex(State())

  init(_ name: String, _ broken: Recorder<String>) { (self.name, self.broken) = (name, broken) }

  var condition: ConnectionCondition { state.withLock { $0.condition } }
  var observers: Int { state.withLock { $0.observers.count } }

  func prepare() async throws {
    prepared.append(name)
    if broken.all.contains(name) { throw Failure(.rejected, "there is no such exchange") }
  }

  func become(_ condition: ConnectionCondition) {
    let observers = state.withLock { state in
      state.condition = condition
      return Array(state.observers.values)
    }
    for observer in observers { observer() }
  }

  func onBlock(_ body: @escaping @Sendable () -> Void) -> Int {
    state.withLock { state in
      state.next += 1
      state.observers[state.next] = body
      return state.next
    }
  }

  func removeObserver(_ number: Int) { state.withLock { _ = $0.observers.removeValue(forKey: number) } }

  func process(_ message: inout Message, _ context: Context) async throws -> Next { .next }
}
