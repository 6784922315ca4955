internal import Omnibus

/// Middleware that is more than one build of a route: that of resources, which routes share, and that of the routes that
/// run, whose state stays where its definition does.
final class SharedMiddleware {
  /// Tells middleware from any other, over reloads.
  struct Key: Hashable, Sendable {
    enum Owner: Hashable, Sendable {
      case resource(String)
      /// The route, and the how many-th of it with the same place and definition.
      case route(String, Int)
    }

    let owner: Owner
    let definition: Canonical
  }

  /// What was made of a definition.
  struct Made: Sendable {
    /// Nil after a report of what is wrong.
    let middleware: (any Middleware)?
    /// Whether it can be taken over by a later revision: not where steps stand in it, which belong to this one.
    let canOutlive: Bool
    /// Whether it works on the store.
    let needsStore: Bool
    /// The connections of the destinations in it.
    let connections: [RouteConnection]
  }

  private var made: [Key: Made] = [:]

  /// With the middleware of the routes that run.
  init(known: [[Key: Made]] = []) { for route in known { made.merge(route) { first, _ in first } } }

  /// The middleware of a key, made by `make` where there is none.
  func middleware(_ key: Key, _ make: () -> Made) -> Made {
    if let known = made[key] { return known }
    let new = make()
    made[key] = new
    return new
  }
}
