public import Omnibus

extension Plugin {
  /// Middleware that keeps what failed and knows what was done before.
  public static let delivery = Plugin(name: "delivery", version: "0.1.0", components: [])
}
