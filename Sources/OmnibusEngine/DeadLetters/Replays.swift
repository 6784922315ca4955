internal import Omnibus
internal import Synchronization

/// The replays of an engine: of one letter there is one at a time, and none outlives the engine's routes.
final class Replays: Sendable {
  /// Signalled once the engine stops.
  let stop = StopSignal()
  private let letters = Mutex<Set<String>>([])

  /// Takes a letter; false where somebody has it.
  func begin(_ letter: String) -> Bool { letters.withLock { $0.insert(letter).inserted } }

  /// Gives a letter back.
  func end(_ letter: String) { letters.withLock { _ = $0.remove(letter) } }

  /// Ends all replays that are under way, each after its present letter, and lets none begin.
  func stopAll() { stop.signal() }
}
