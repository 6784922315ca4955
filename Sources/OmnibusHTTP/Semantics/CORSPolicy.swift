public import Omnibus

/// Which pages of other origins a browser lets use an endpoint (Fetch standard, "HTTP CORS protocol"). It keeps nobody
/// else from anything: that is for authentication to do.
public struct CORSPolicy: Sendable {
  /// The origins, as browsers write them: `https://app.example`; nil for any.
  public var origins: [String]?
  /// The methods; nil for any.
  public var methods: [String]?
  /// The fields that a request may have beside those that always may.
  public var headers: [String]
  /// The fields of an answer that a page may read beside those that it always may.
  public var exposed: [String]
  /// Whether cookies and logins of the browser may go along; never with any origin.
  public var allowsCredentials: Bool
  /// How long a browser may keep the answer to a preflight.
  public var maxAge: Duration

  /// A policy.
  public init(
    origins: [String]?, methods: [String]?, headers: [String], exposed: [String], allowsCredentials: Bool,
    maxAge: Duration
  ) {
    self.origins = origins
    self.methods = methods
    self.headers = headers
    self.exposed = exposed
    self.allowsCredentials = allowsCredentials && origins != nil
    self.maxAge = maxAge
  }

  /// Whether answers differ with the origin that asks, which caches have to know (`vary`).
  public var variesByOrigin: Bool { origins != nil }

  /// The answer to a preflight with these fields; nil for what is none.
  public func preflight(_ request: Headers) -> HTTPResponse? {
    guard let origin = request["origin"], let method = request["access-control-request-method"] else { return nil }
    var fields = Headers()
    if variesByOrigin { fields.append("vary", "Origin") }
    guard FieldName.isToken(method.utf8), methods?.contains(method) ?? true, allow(origin, &fields) else {
      return HTTPResponse(403, "the origin or the method is not allowed", fields)
    }
    fields.append("access-control-allow-methods", methods?.joined(separator: ", ") ?? method)
    if !headers.isEmpty { fields.append("access-control-allow-headers", headers.joined(separator: ", ")) }
    fields.append("access-control-max-age", "\(maxAge.components.seconds)")
    return HTTPResponse(status: 204, headers: fields)
  }

  /// Adds what lets the page that sent `request` read the answer with the fields `answer`; nothing for other origins,
  /// and what is no request of a page.
  public func allow(_ request: Headers, answer: inout Headers) {
    guard let origin = request["origin"], allow(origin, &answer), !exposed.isEmpty else { return }
    answer.append("access-control-expose-headers", exposed.joined(separator: ", "))
  }

  private func allow(_ origin: String, _ fields: inout Headers) -> Bool {
    guard let origins else {
      fields.append("access-control-allow-origin", "*")
      return true
    }
    guard origins.contains(origin) else { return false }
    fields.append("access-control-allow-origin", origin)
    if allowsCredentials { fields.append("access-control-allow-credentials", "true") }
    return true
  }
}
