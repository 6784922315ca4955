/// A file of certificates or keys that cannot be used.
public struct TLSFileProblem: Error, Sendable, Equatable, CustomStringConvertible {
  /// What the file was to hold.
  public enum Role: Sendable {
    /// A certificate, with the chain up to its authority.
    case certificate
    /// The private key of the certificate.
    case key
    /// Certificates of authorities.
    case authorities
  }

  /// What the file was to hold.
  public let role: Role
  /// Its path.
  public let file: String
  /// What was found and what was expected: `cannot be read: no such file or directory`.
  public let reason: String

  init(_ role: Role, _ file: String, _ reason: String) {
    self.role = role
    self.file = file
    self.reason = reason
  }

  /// `/etc/bus/key.pem does not fit the certificate`.
  public var description: String { "\(file) \(reason)" }
}
