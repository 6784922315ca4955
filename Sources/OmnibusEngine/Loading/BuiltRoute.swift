internal import Omnibus

/// A route ready to run, of one revision.
struct BuiltRoute: Sendable {
  typealias Breaker = (name: String, control: any BreakerControl)

  let source: any Source
  let handler: Handler
  let context: Context
  /// What it is for, as its author says.
  let description: String?
  /// The middleware whose state later revisions take over.
  let shared: [SharedMiddleware.Key: SharedMiddleware.Made]
  /// The circuit breakers in it.
  let breakers: [Breaker]
  /// The connections of its steps, as far as they keep one.
  let connections: [RouteConnection]
  /// The middleware of the route as a whole that limits how many messages it takes, the outermost first.
  let admitting: [any AdmittingMiddleware]
  /// Whether anything in it works on the store.
  let needsStore: Bool
  /// By step, how messages go on that were kept there as dead letters.
  let entries: [String: Handler]

  /// How a dead letter is replayed; a failure of kind `rejected` where the route keeps none any more at the letter's step.
  func handler(of replay: Replay) throws -> Handler {
    guard let step = replay.entry else { return handler }
    guard let entry = entries[step] else {
      throw Failure(.rejected, "the route \"\(context.route)\" keeps no dead letters at a step \"\(step)\" any more")
    }
    return entry
  }
}
