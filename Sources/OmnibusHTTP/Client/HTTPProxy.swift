/// The proxy that requests go through.
public enum HTTPProxy: Sendable, Hashable {
  /// None, whatever the environment says.
  case none
  /// That of the environment variables `https_proxy`, `http_proxy`, `all_proxy`, but for the hosts in `no_proxy`.
  case environment
  case server(Server)

  /// One proxy.
  public struct Server: Sendable, Hashable {
    /// Its address, `http` or `https`; `https` requests go through it by `CONNECT` (RFC 9110, 9.3.6).
    public var url: String
    /// The user to log in as (RFC 7617); nil for none.
    public var user: String?
    /// The user's password.
    public var password: String?
    /// Hosts that are reached without it: names with all below them, and addresses or networks such as `10.0.0.0/8`.
    public var except: [String]

    /// A proxy.
    public init(url: String, user: String? = nil, password: String? = nil, except: [String] = []) {
      self.url = url
      self.user = user
      self.password = password
      self.except = except
    }
  }
}
