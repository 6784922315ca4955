public import Omnibus

/// Who signs: a pair of keys, and a token where they are good for a time only.
public struct AWSCredentials: Sendable {
  /// The id of the access key.
  public let accessKey: String
  /// What signatures are made with; goes nowhere itself.
  public let secretKey: Secret
  /// What goes along with keys that are good for a time only.
  public let sessionToken: Secret?
  /// When they end, in seconds since 1970; nil where they do not say.
  public let expiration: Double?

  /// Credentials; nil where a part of them is empty or holds characters that none may have, so that nothing of them can
  /// break out of a header.
  public init?(accessKey: String, secretKey: String, sessionToken: String? = nil, expiration: Double? = nil) {
    let token = sessionToken.flatMap { $0.isEmpty ? nil : $0 }
    guard Self.isSound(accessKey, limit: 256), Self.isSound(secretKey, limit: 1024),
      token.map({ Self.isSound($0, limit: 16 << 10) }) ?? true
    else { return nil }
    self.accessKey = accessKey
    self.secretKey = Secret(secretKey)
    self.sessionToken = token.map { Secret($0) }
    self.expiration = expiration
  }

  /// Whether they are the same keys.
  func areSame(as other: AWSCredentials) -> Bool {
    accessKey == other.accessKey && secretKey.reveal == other.secretKey.reveal
      && sessionToken?.reveal == other.sessionToken?.reveal
  }

  private static func isSound(_ text: String, limit: Int) -> Bool {
    1...limit ~= text.utf8.count && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }
}
