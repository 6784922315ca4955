internal import Synchronization

/// How far the program is with its life.
final class Phase: Sendable {
  enum Stage: Int {
    case starting, serving, stopping
  }

  private let stage = Atomic<Int>(Stage.starting.rawValue)

  /// It goes on; what has ended does not begin again.
  func set(_ next: Stage) { stage.max(next.rawValue, ordering: .relaxed) }

  /// Whether it is about to end.
  var isStopping: Bool { stage.load(ordering: .relaxed) == Stage.stopping.rawValue }

  /// Why it is not ready, whatever its routes are; nil where that is for them to say.
  var reason: String? {
    switch Stage(rawValue: stage.load(ordering: .relaxed)) {
    case .starting: "the routes are not loaded yet"
    case .stopping: "the engine stops"
    case .serving, nil: nil
    }
  }
}
