/// What a `Host` field or an authority says: `uri-host [":" port]` (RFC 9110, 7.2; RFC 3986, 3.2).
enum HostName {
  /// Whether `text` is a host, which may be empty, and perhaps a port. `characters` is `ByteClass.host`.
  static func isValid(_ text: UnsafeBufferPointer<UInt8>, _ characters: ByteClass) -> Bool {
    var place = 0
    if text.first == 0x5B {
      place = 1
      while place < text.count, isOfAddress(text[place]) { place += 1 }
      guard place > 2, place < text.count, text[place] == 0x5D else { return false }
      place += 1
    } else {
      while place < text.count, text[place] != 0x3A {
        guard characters.contains(text[place]), isEscape(text, at: place) else { return false }
        place += 1
      }
    }
    guard place < text.count else { return true }
    guard text[place] == 0x3A, text.count - place <= 6 else { return false }
    return text[(place + 1)...].allSatisfy { $0 &- 0x30 < 10 }
  }

  /// What stands between brackets: an address of IPv6, perhaps with one of IPv4 at its end.
  private static func isOfAddress(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6 || byte == 0x3A || byte == 0x2E
  }

  private static func isEscape(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool {
    guard text[place] == 0x25 else { return true }
    return place + 2 < text.count && PercentEncoding.digit(text[place + 1]) != nil
      && PercentEncoding.digit(text[place + 2]) != nil
  }
}
