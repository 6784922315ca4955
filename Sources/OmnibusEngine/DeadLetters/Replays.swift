internal import Omnibus
internal import Synchronization

/// The replays of an engine: of one letter there is one at a time, and none outlives the engine's routes.
final class Replays: Sendable {
  private struct State {
    var letters: Set<String> = []
    var stop = StopSignal()
  }

  private let state = Mutex(State())

  /// Signalled when what is replayed now is to end.
  var stop: StopSignal { state.withLock { $0.stop } }

  /// Takes a letter; false where somebody has it.
  func begin(_ letter: String) -> Bool { state.withLock { $0.letters.insert(letter).inserted } }

  /// Gives a letter back.
  func end(_ letter: String) { state.withLock { _ = $0.letters.remove(letter) } }

  /// Ends all replays that are under way, each after its present letter.
  func stopAll() {
    let former = state.withLock { state in
      defer { state.stop = StopSignal() }
      return state.stop
    }
    former.signal()
  }
}
