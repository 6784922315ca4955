internal import Omnibus
internal import OmnibusReactor

/// Whether a request asks for this machine by a name that nobody else can lead here.
enum LoopbackHost {
  /// Whether the field `host` (RFC 9110, 7.2) is `localhost`, or an address of this machine alone.
  static func isNamed(_ headers: Headers) -> Bool {
    let fields = headers.values("host")
    guard fields.count == 1 else { return false }
    let host = fields[0].lowercased()
    if host == "localhost" { return true }
    if let (name, _) = SocketAddress.split(host) {
      return name == "localhost" || SocketAddress(host)?.isLoopback == true
    }
    return SocketAddress("\(host):80")?.isLoopback == true
  }
}
