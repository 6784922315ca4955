public import Omnibus
internal import OmnibusHTTP

/// A request to a service of AWS, as it is before it is signed: path and query are not encoded.
public struct AWSRequest: Sendable {
  /// The method, as it is sent.
  public var method: String
  /// Whom it goes to.
  public var endpoint: AWSEndpoint
  /// The path behind that of the endpoint, not encoded; with a slash in front.
  public var path: String
  /// The parameters, not encoded, in any order.
  public var query: [(name: String, value: String)]
  /// The fields to send, which are all signed; `host`, `x-amz-date` and what else belongs to signing are added.
  public var headers: Headers

  /// A request.
  public init(
    method: String = "POST", endpoint: AWSEndpoint, path: String = "/", query: [(name: String, value: String)] = [],
    headers: Headers = Headers()
  ) {
    self.method = method
    self.endpoint = endpoint
    self.path = path
    self.query = query
    self.headers = headers
  }

  /// The address with path and query encoded as signatures have them: everything but letters, digits, `-._~` and, in
  /// the path, slashes.
  public var url: String {
    let query = encodedQuery
    return endpoint.scheme + "://" + endpoint.authority + AWSEncoding.path(endpoint.prefix + path)
      + (query.isEmpty ? "" : "?\(query)")
  }

  /// The parameters in the order of their encoded names, then values.
  var encodedQuery: String {
    guard !query.isEmpty else { return "" }
    let pairs = query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
    return pairs.sorted { $0 < $1 }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
  }
}
