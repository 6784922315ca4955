/// Sets of bytes of the grammar of HTTP, as two words of bits for ASCII.
struct ByteClass {
  private let low: UInt64
  private let high: UInt64

  /// The characters of `text`, which is ASCII.
  init(_ text: String) {
    var low: UInt64 = 0
    var high: UInt64 = 0
    for byte in text.utf8 {
      if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
    }
    self.low = low
    self.high = high
  }

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
  }

  private static let alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
  /// `tchar` of RFC 9110, 5.6.2: methods and names of fields.
  static let token = ByteClass(alphanumeric + "!#$%&'*+-.^_`|~")
  /// What a request target may hold: RFC 3986 without the fragment. `|` is no part of it, but separates system and code
  /// in searches of FHIR, and many clients send it as it is.
  static let target = ByteClass(alphanumeric + "-._~:/?[]@!$&'()*+,;=%|")
  /// What a host's name may hold: `reg-name` of RFC 3986, 3.2.2, without the comma, which joins two fields.
  static let host = ByteClass(alphanumeric + "-._~!$&'()*+;=%")
}
