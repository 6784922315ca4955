public import Omnibus

/// What another system answered.
public struct HTTPClientResponse: Sendable {
  /// The status code (RFC 9110, 15); all of them are answers, failing at some is for the caller.
  public var status: Int
  /// The fields of the head.
  public var headers: Headers
  /// `.empty`, `.bytes`, or `.stream` where that was asked for. A stream throws a `Failure` when the answer breaks off.
  public var body: Body

  /// An answer.
  public init(status: Int, headers: Headers = Headers(), body: Body = .empty) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}
