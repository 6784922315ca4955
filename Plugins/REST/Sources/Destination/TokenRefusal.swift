internal import Omnibus
internal import OmnibusHTTP

/// An answer of a token endpoint that is no token (RFC 6749, 5.2).
struct TokenRefusal {
  /// The errors that the specification knows; any other text might be anything.
  private static let errors = [
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
    "invalid_scope",
  ]

  private let response: HTTPClientResponse
  private let error: String?

  init(_ response: HTTPClientResponse, _ answer: [UInt8]) {
    self.response = response
    let given = (try? JSONText.parse(answer))?.root.member("error")?.string
    error = Self.errors.first { $0 == given }
  }

  /// What it means for the message, at `wallTime` in seconds since 1970: a refusal lasts, all else may pass.
  func failure(wallTime: Double) -> Failure {
    let wait = response.headers["retry-after"].flatMap { RetryAfter.duration($0, now: wallTime) }
    let reason = "the token endpoint answered \(response.status)" + (error.map { " (\($0))" } ?? "")
    switch response.status {
    case 408: return Failure(.timeout, reason, retryAfter: wait)
    case 429: return Failure(.overloaded, reason, retryAfter: wait)
    case 400..<500: return Failure(.unauthorized, reason)
    default: return Failure(.unavailable, reason, retryAfter: wait)
    }
  }
}
