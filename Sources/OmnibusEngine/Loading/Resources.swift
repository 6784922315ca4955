internal import Omnibus

/// The named middleware that routes share: made once for each definition, so that its state is one.
final class Resources {
  private var made: [String: (any Middleware)?] = [:]

  /// The middleware called `name`, made by `make` the first time.
  func middleware(_ name: String, _ make: () -> (any Middleware)?) -> (any Middleware)? {
    if let middleware = made[name] { return middleware }
    let middleware = make()
    made[name] = middleware
    return middleware
  }
}
