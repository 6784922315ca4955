internal import Omnibus
internal import OmnibusHTTP

/// A token that an authorization server gave.
struct AccessToken: Sendable {
  /// What is sent: `Bearer …`.
  let authorization: Secret
  /// Which one it is of those of its kind.
  let number: Int
  /// The clock's nanoseconds from which on another one is fetched, before this one ends.
  let renewAt: UInt64
  /// The clock's nanoseconds from which on it is not good any more.
  let expiresAt: UInt64

  /// How long a token is used whose server does not say how long it is good, in seconds.
  private static let unsaidLifetime = 300
  /// A lifetime beyond this is not believed, in seconds.
  private static let longestLifetime = 30 * 86_400

  /// Reads the answer of a token endpoint (RFC 6749, 5.1) to a request that was sent at `sentAt`. Nothing of the answer
  /// is told.
  init(_ answer: [UInt8], number: Int, sentAt: UInt64) throws(Failure) {
    guard let root = try? JSONText.parse(answer).root, let token = root.member("access_token")?.string else {
      throw Failure(.unavailable, "the token endpoint's answer holds no access token")
    }
    guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw Failure(.unavailable, "the token endpoint's answer holds a token with characters that none may have")
    }
    guard root.member("token_type")?.string.map({ $0.lowercased() == "bearer" }) ?? true else {
      throw Failure(.unavailable, "the token endpoint gave a token of a type other than bearer")
    }
    authorization = Secret("Bearer \(token)")
    self.number = number
    let lifetime = min(max(Self.lifetime(root), 0), Self.longestLifetime)
    // A tenth of the time, a minute at the most, is left for the renewal.
    let margin = min(Double(lifetime) / 10, 60)
    expiresAt = sentAt + UInt64(lifetime) * 1_000_000_000
    renewAt = expiresAt - UInt64(margin * 1e9)
  }

  /// `expires_in`, which some servers send as a string.
  private static func lifetime(_ root: JSONNode) -> Int {
    guard let value = root.member("expires_in") else { return unsaidLifetime }
    return Value.json(value).int ?? value.string.flatMap { Int($0) } ?? unsaidLifetime
  }
}
