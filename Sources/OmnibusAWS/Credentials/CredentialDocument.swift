internal import Omnibus

/// The answer of a container's agent or of an instance's metadata: a JSON object with credentials.
enum CredentialDocument {
  /// The largest answer that is read, in bytes.
  static let limit = 64 << 10

  /// The credentials in it; nothing of it is told.
  static func read(_ bytes: [UInt8], from who: String) throws(Failure) -> AWSCredentials {
    guard let root = try? JSONText.parse(bytes, limits: JSONLimits(depth: 16, bytes: limit)).root,
      let key = root.member("AccessKeyId")?.string, let secret = root.member("SecretAccessKey")?.string,
      let credentials = AWSCredentials(
        accessKey: key, secretKey: secret, sessionToken: root.member("Token")?.string,
        expiration: root.member("Expiration")?.string.flatMap(AWSTime.seconds))
    else { throw Failure(.unavailable, "the answer of \(who) holds no credentials") }
    return credentials
  }
}
