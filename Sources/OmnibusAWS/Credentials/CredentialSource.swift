/// Where credentials come from.
indirect enum CredentialSource: Sendable {
  /// They were written.
  case fixed(AWSCredentials)
  /// A profile of the shared files.
  case profile(String)
  /// `AWS_ACCESS_KEY_ID` and what belongs to it.
  case environment
  /// The agent of a container.
  case container
  /// The metadata of an instance of EC2.
  case instance
  /// A token in a file, for a role.
  case webIdentity(AssumedRole, tokenFile: String)
  /// A role that other credentials may take on.
  case role(AssumedRole, by: CredentialSource)
  /// The first of the above that there is, as all programs that use AWS look for them.
  case standard
}

/// A role that is taken on.
struct AssumedRole: Sendable, Hashable {
  /// Its name: `arn:aws:iam::123456789012:role/care`.
  var arn: String
  /// What the session is called in audit logs.
  var session: String
  /// What the owner of the role asks to be told; nil for nothing.
  var externalID: String?
  /// How long the credentials are good, in seconds.
  var duration: Int

  /// What sessions are called where nobody says.
  static let defaultSession = "omnibus"
}
