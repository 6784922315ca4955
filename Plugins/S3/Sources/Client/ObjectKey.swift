internal import OmnibusHTTP

/// Keys of objects: any text of up to 1024 bytes in UTF-8.
enum ObjectKey {
  /// What keeps a text from being a key; nil for nothing.
  static func problem(_ key: String) -> String? {
    if key.isEmpty { return "it is empty" }
    if key.utf8.count > 1024 { return "it has more than 1024 bytes" }
    return nil
  }

  /// What stands behind the last slash, which is what a file of it would be called.
  static func fileName(_ key: String) -> String {
    key.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(key[key.utf8.index(after: $0)...]) } ?? key
  }

  /// A key as fields have it: encoded, but for slashes.
  static func encoded(_ key: String) -> String {
    key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { PercentEncoding.encode(String(decoding: $0, as: UTF8.self)) }.joined(separator: "/")
  }
}
