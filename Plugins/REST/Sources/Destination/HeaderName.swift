/// Names of header fields (RFC 9110, 5.1).
enum HeaderName {
  /// What keeps a name from being set by a route; nil when nothing does.
  static func problem(_ name: String) -> String? {
    guard !name.isEmpty, name.utf8.allSatisfy(isToken) else { return "is no name for a header" }
    let reserved = ["connection", "content-length", "expect", "transfer-encoding", "upgrade"]
    return reserved.contains(name.lowercased()) ? "is for the client alone to set" : nil
  }

  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
