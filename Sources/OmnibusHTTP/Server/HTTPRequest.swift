public import Omnibus
public import OmnibusReactor

/// A request as it came in: framing, sizes and syntax are checked (RFC 9112), nothing else is.
public struct HTTPRequest: Sendable {
  /// The method, as sent: `GET`. A handler of `GET` is also called for `HEAD`, whose answer's body is left out.
  public var method: String
  /// The request target, as sent: `/patients/a%20b?active=true`.
  public var target: String
  /// The path of the target, percent-encoded as sent: `/patients/a%20b`; `*` for `OPTIONS *`.
  public var path: String
  /// What follows `?` in the target, as sent, without the `?`; empty when there is none.
  public var query: String
  /// What the endpoint's pattern captured of the path, percent-decoded, in the order of the pattern.
  public var captures: [(name: String, value: String)]
  /// The header fields, in order.
  public var headers: Headers
  /// The body: `.empty`, `.bytes`, or, where the endpoint asks for it, `.stream`.
  public var body: Body
  /// Who sent it.
  public var remote: SocketAddress
  /// What was agreed on with the sender, and who that is, as `TLSDetails.properties` tells it; nil without TLS.
  public var tls: Value?
  /// Where its body is counted; nil without a server.
  var memory: BodyMemory?

  /// A request; made by the server, and by tests.
  public init(
    method: String, target: String, path: String, query: String = "",
    captures: [(name: String, value: String)] = [], headers: Headers = Headers(), body: Body = .empty,
    remote: SocketAddress, tls: Value? = nil
  ) {
    self.method = method
    self.target = target
    self.path = path
    self.query = query
    self.captures = captures
    self.headers = headers
    self.body = body
    self.remote = remote
    self.tls = tls
  }

  /// Counts what a handler holds beside the body.
  public func hold() -> ContentHold {
    if case .bytes(let bytes) = body { return ContentHold(memory, beside: bytes.count) }
    return ContentHold(memory, beside: 0)
  }
}
