public import Omnibus
public import OmnibusReactor

/// A request that the engine makes to another system.
public struct HTTPClientRequest: Sendable {
  /// What a request carries.
  public enum Content: Sendable {
    /// Nothing; methods that ask for a body say `content-length: 0`.
    case empty
    /// All of it.
    case bytes([UInt8])
    /// Pieces that are read as the peer takes them; chunked where the length is not known.
    case stream(BodyStream)
  }

  /// The method, as it is sent (RFC 9110, 9).
  public var method: String
  /// The whole address, `http` or `https`.
  public var url: String
  /// The fields to send; `content-length` and what else frames the message is the client's own matter.
  public var headers: Headers
  /// What is sent.
  public var content: Content
  /// The time that the request may take; where one side streams, the longest silence.
  public var timeout: Duration
  /// The time in which a connection must stand, name look-up and TLS included.
  public var connectTimeout: Duration
  /// The largest answer that is held in memory, in bytes; an answer that is streamed has no bound.
  public var maxResponse: Int
  /// Whether the answer's body is handed on as a stream as soon as its head is there.
  public var wantsStream: Bool
  /// Whether to go where a 3xx answer points: `GET` and `HEAD` only, and ten times at the most.
  public var followsRedirects: Bool
  /// Whom to trust, and what to show, where the address is `https`.
  public var tls: TLSClientConfiguration
  /// The proxy that it goes through.
  public var proxy: HTTPProxy
  /// Whether doing it twice is the same as doing it once; nil where the method says so (RFC 9110, 9.2.2). What fails of
  /// such a request is `unavailable` or `timeout`, and not `outcome_unknown`.
  public var isRepeatable: Bool?

  /// A request with the limits that suit most.
  public init(
    method: String = "GET", url: String, headers: Headers = Headers(), content: Content = .empty,
    timeout: Duration = .seconds(30), connectTimeout: Duration = .seconds(10), maxResponse: Int = 10 << 20,
    wantsStream: Bool = false, followsRedirects: Bool = false, tls: TLSClientConfiguration = .init(),
    proxy: HTTPProxy = .none
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.content = content
    self.timeout = timeout
    self.connectTimeout = connectTimeout
    self.maxResponse = maxResponse
    self.wantsStream = wantsStream
    self.followsRedirects = followsRedirects
    self.tls = tls
    self.proxy = proxy
  }

  /// Whether doing it twice is the same as doing it once.
  var isIdempotent: Bool {
    if let isRepeatable { return isRepeatable }
    return ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].contains(method)
  }

  /// What a failure is once the request was sent: where doing it twice is not the same, it may have taken effect.
  func failureAfterSending(_ failure: Failure) -> Failure {
    isIdempotent ? failure : Failure(.outcomeUnknown, failure.reason)
  }

  /// Whether redirects are followed: only where going elsewhere changes nothing (RFC 9110, 9.2.1).
  var follows: Bool { followsRedirects && (method == "GET" || method == "HEAD") }

  /// Whether a body is streamed, one way or the other.
  var streams: Bool { if case .stream = content { true } else { wantsStream } }
}
