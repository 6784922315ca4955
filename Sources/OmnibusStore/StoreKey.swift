internal import Omnibus

/// The key that seals what a store keeps, as people write it.
public enum StoreKey {
  /// The 32 bytes of a key of 64 hexadecimal digits, or of base64 (RFC 4648, 4); nil for any other text. White space
  /// around it is passed over, as a file ends with a line feed.
  public static func parse(_ text: String) -> [UInt8]? {
    let white = Set(" \t\r\n".utf8)
    let digits = Array(text.utf8.drop { white.contains($0) }.reversed().drop { white.contains($0) }.reversed())
    let key = digits.count == 64 ? hexadecimal(digits) : Base64.decode(String(decoding: digits, as: UTF8.self))
    return key?.count == 32 ? key : nil
  }

  private static func hexadecimal(_ digits: [UInt8]) -> [UInt8]? {
    var key: [UInt8] = []
    for place in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(digits[place]), let low = value(digits[place + 1]) else { return nil }
      key.append(high << 4 | low)
    }
    return key
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
