public import Omnibus

/// The SHA-256 of a token, as `sha256:` and 64 hexadecimal digits. Tokens are 32 random bytes, so that nobody finds one by
/// its hash, and the hash needs no salt and no work factor.
public struct TokenHash: OptionValue, Hashable {
  /// What the option is called where it is described.
  static let shapeName = "token hash"

  /// The 32 bytes.
  public let bytes: [UInt8]

  /// A hash of 32 bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// `sha256:…`.
  public static var shape: OptionShape {
    .scalar(shapeName, example: "\"sha256:…\"", form: .pattern("^sha256:[0-9a-fA-F]{64}$"))
  }

  /// Reads it, and never shows what was found: it may be a token.
  public static func decode(_ node: Node, in scope: LoadScope) -> TokenHash? {
    let problems = scope.problemCount
    if let text = scope.text(node), let hash = TokenHash(text) { return hash }
    guard scope.problemCount == problems else { return nil }
    scope.report(
      "invalid-option", at: node.location, "\(scope.subject) is sha256: followed by 64 hexadecimal digits",
      help: "omnibus token create prints a token with the line for this file")
    return nil
  }

  /// The hash that `text` says; nil for anything else.
  public init?(_ text: String) {
    let digits = Array(text.utf8.dropFirst(7))
    guard text.hasPrefix("sha256:"), digits.count == 64 else { return nil }
    let bytes = stride(from: 0, to: 64, by: 2).compactMap { place -> UInt8? in
      guard let high = Self.digit(digits[place]), let low = Self.digit(digits[place + 1]) else { return nil }
      return high << 4 | low
    }
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// As it is written.
  public var text: String {
    let digits = Array("0123456789abcdef".utf8)
    return "sha256:" + String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    if byte &- 0x30 < 10 { return byte &- 0x30 }
    let letter = (byte | 0x20) &- 0x61
    return letter < 6 ? letter &+ 10 : nil
  }
}
