internal import OmnibusCrypto
public import OmnibusEngine

/// A token that lets somebody in: 32 random bytes as text.
public struct AdminToken: Sendable {
  /// What its holder keeps.
  public let text: String

  /// A token that nobody has seen.
  public init() {
    var random = SystemRandomNumberGenerator()
    let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".utf8)
    // 43 digits of six bits each; the prefix lets scanners for secrets find it.
    let digits = (0..<43).map { _ in alphabet[Int(random.next() & 63)] }
    text = "omnibus_" + String(decoding: digits, as: UTF8.self)
  }

  /// What stands in `omnibus.yaml`.
  public var hash: TokenHash { TokenHash(SHA256.digest(Array(text.utf8))) }
}
