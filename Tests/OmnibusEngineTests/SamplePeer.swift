import Omnibus
import OmnibusTesting
import Synchronization

/// A step whose connection is as a test says.
final class SamplePeer: ConnectedStep {
  private struct State {
    var condition = ConnectionCondition.ready
    var observers = Observers<@Sendable () -> Void>()
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
      return state.observers.all
    }
    for observer in observers { observer() }
  }

  func onBlock(_ body: @escaping @Sendable () -> Void) -> Int {
    state.withLock { $0.observers.add(body) }
  }

  func removeObserver(_ number: Int) { _ = state.withLock { $0.observers.remove(number) } }

  func process(_ message: inout Message, _ context: Context) async throws -> Next { .next }
}
