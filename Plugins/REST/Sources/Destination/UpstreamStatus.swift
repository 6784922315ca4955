internal import Omnibus
internal import OmnibusHTTP

/// What the status of an answer means for the message that was sent (RFC 9110, 15).
struct UpstreamStatus {
  private let status: Int
  private let retryAfter: Duration?

  /// The status of `response`, received at `wallTime`.
  init(_ response: HTTPClientResponse, wallTime: Double) {
    status = response.status
    retryAfter = response.headers["retry-after"].flatMap { RetryAfter.duration($0, now: wallTime) }
  }

  /// Nil for success. Nothing of the answer but its status is told: its text may repeat the message.
  var failure: Failure? {
    guard let kind else { return nil }
    return Failure(kind, "upstream answered \(status)" + explanation, retryAfter: kind == .rejected ? nil : retryAfter)
  }

  private var kind: Failure.Kind? {
    switch status {
    // 304: what the route asked about with a condition is as it was (RFC 9110, 15.4.5).
    case 200..<300, 304: nil
    case 401, 403, 407: .unauthorized
    case 408: .timeout
    case 429: .overloaded
    case 500...: .unavailable
    default: .rejected
    }
  }

  private var explanation: String {
    switch status {
    case 300..<400: ", a redirect that is not followed"
    case 412: ", as the condition of the request does not hold"
    default: ""
    }
  }
}
