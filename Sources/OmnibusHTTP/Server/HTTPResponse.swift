public import Omnibus

/// What a handler answers.
public struct HTTPResponse: Sendable {
  /// The status code, 200 to 599.
  public var status: Int
  /// The header fields. What belongs to the connection (`Content-Length`, `Transfer-Encoding`, `Connection`, `Date`…) is
  /// the server's own business and left out; a field that is no valid header turns the whole answer into a 500.
  public var headers: Headers
  /// The body. A `.stream` of known length is sent with that length, any other one chunked; it is read no faster than
  /// the client takes it. A stream that fails aborts the connection, so that the client sees that the body is cut.
  public var body: Body

  /// A response.
  public init(status: Int, headers: Headers = Headers(), body: Body = .empty) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}
