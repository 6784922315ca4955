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
  let shared: [SharedMiddleware.Key: any Middleware]
  /// The circuit breakers in it.
  let breakers: [Breaker]
  /// The middleware of the route as a whole that limits how many messages it takes, the outermost first.
  let admitting: [any AdmittingMiddleware]
}
