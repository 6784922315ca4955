/// A step that keeps a connection of its own, as destinations may. The engine finds it when a route is built with it: it has
/// it connect ahead of the first message, and counts the route as not ready while it cannot send. While its peer takes no
/// messages, a route that leads all of its messages to it takes none from sources that can wait.
public protocol ConnectedStep: Step {
  /// Connects, and makes or checks what has to be there. Called before the route takes messages, while the former
  /// generation still runs, and again where a later generation takes the step over; what it throws keeps the new one from
  /// being applied. A peer that is not there is nothing to throw: the step tries again by itself, and `condition` says so.
  func prepare() async throws

  /// How the connection is at this moment.
  var condition: ConnectionCondition { get }

  /// Calls `body` at any thread after the peer has begun or ended to take no messages; the number takes the observer back.
  func onBlock(_ body: @escaping @Sendable () -> Void) -> Int

  /// Takes an observer back.
  func removeObserver(_ number: Int)
}

/// How the connection of a step is.
public enum ConnectionCondition: Sendable {
  /// Messages can be sent.
  case ready
  /// It is not there, or is refused: messages fail.
  case broken(Failure)
  /// It is there, and its peer takes no messages for now: they wait.
  case blocked(Failure)

  /// Why no messages can be sent; nil where they can.
  public var failure: Failure? {
    switch self {
    case .ready: nil
    case .broken(let failure), .blocked(let failure): failure
    }
  }

  /// Whether the peer takes no messages for now.
  public var isBlocked: Bool { if case .blocked = self { true } else { false } }
}
