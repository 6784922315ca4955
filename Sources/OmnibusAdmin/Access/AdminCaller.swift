internal import OmnibusEngine

/// Who makes a request, as far as the engine knows.
struct AdminCaller: Sendable {
  /// The name of the token, for the log.
  let name: String
  let rights: Set<AdminRight>
}
