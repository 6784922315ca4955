public import Omnibus

extension Middleware {
  /// Runs a closure within the middleware.
  public func handle(
    _ message: inout Message, _ context: Context, next: @escaping Handler.Body
  ) async throws -> Next {
    try await handle(&message, context, next: Handler(next))
  }
}
