/// What an operator wants of a route. It outlives the revisions of the route.
enum RouteControl: Sendable, Equatable {
  case started
  case paused
  /// Paused, while what is under way is waited for.
  case draining
  case stopped
}
