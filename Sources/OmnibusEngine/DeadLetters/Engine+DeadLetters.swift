internal import Omnibus
internal import OmnibusStore

extension Engine {
  /// The dead letters in the engine's store; a failure of kind `unavailable` where it has none.
  public nonisolated var deadLetters: DeadLetters {
    get throws(Failure) {
      guard let access = environment.services[StoreAccess.self] else {
        throw Failure(.unavailable, "the engine has no store")
      }
      return DeadLetters(access, environment, replays) { [self] message, route, revision in
        try await deliver(&message, to: route, revision: revision)
      }
    }
  }
}
