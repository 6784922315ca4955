/// Addresses that routes name: http or https, of a host.
enum WebAddress {
  /// What is wrong with an address; nil for nothing. `what` says how parameters are written instead.
  static func problem(_ url: String, what instead: String = "query: { name: value }") -> String? {
    let lower = url.lowercased()
    guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else {
      return "starts with http:// or https://"
    }
    let host = url.dropFirst(scheme.count).prefix { $0 != "/" }
    guard !host.isEmpty, !host.hasPrefix(":") else { return "names no host" }
    if host.contains("@") { return "holds a user, who is written as an option of its own" }
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return "holds a space or a control character" }
    if url.contains(where: { $0 == "?" || $0 == "#" }) {
      return "holds a \"?\" or \"#\"; parameters are written as \(instead)"
    }
    return nil
  }
}
