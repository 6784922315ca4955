internal import Omnibus
internal import OmnibusCrypto
public import OmnibusEngine
internal import OmnibusReactor

/// Who is let in, and what they may do.
public struct AdminAccess: Sendable {
  private struct Token: Sendable {
    let name: String
    let hash: [UInt8]
    let rights: Set<AdminRight>
  }

  /// The longest `authorization` field that is looked at.
  private static let maxField = 512

  private let tokens: [Token]
  private var anonymous: Set<AdminRight>

  /// What `options` say; nobody is let in where the API is switched off.
  public init(_ options: AdminOptions) {
    let tokens = options.enabled ? options.tokens : []
    self.tokens = tokens.map { Token(name: $0.name, hash: $0.hash.bytes, rights: $0.allRights) }
    anonymous = options.enabled ? options.anonymousRights : []
  }

  /// The same at `address`, which is where requests come in whatever options say of it: nobody gets in without a token
  /// where others can reach it.
  func at(_ address: SocketAddress) -> AdminAccess {
    var access = self
    if !address.isLoopback { access.anonymous = [] }
    return access
  }

  /// Whether somebody is let in who brings no token.
  var letsInAnybody: Bool { !anonymous.isEmpty }

  /// Who sent a request with these fields from `remote`.
  func caller(_ headers: Headers, _ remote: SocketAddress) throws(LoginRefusal) -> AdminCaller {
    let fields = headers.values("authorization")
    guard !fields.isEmpty else { return try anybody(headers, remote) }
    guard fields.count == 1, let hash = Self.hash(fields[0]) else { throw .invalid }
    // All are compared, and each as a whole, so that the time tells nothing.
    var found: Token?
    for token in tokens where ConstantTime.areEqual(token.hash, hash) { found = token }
    guard let found else { throw .invalid }
    return AdminCaller(name: found.name, rights: found.rights)
  }

  private func anybody(_ headers: Headers, _ remote: SocketAddress) throws(LoginRefusal) -> AdminCaller {
    guard letsInAnybody, remote.isLoopback else { throw .missing }
    guard LoopbackHost.isNamed(headers) else { throw .foreignHost }
    return AdminCaller(name: AdminTokenOptions.anonymousName, rights: anonymous)
  }

  /// The hash of the token in a field `authorization: Bearer TOKEN` (RFC 6750, 2.1).
  private static func hash(_ field: String) -> [UInt8]? {
    guard field.utf8.count <= maxField else { return nil }
    let parts = field.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    let token = parts[1].drop { $0 == " " }
    return token.isEmpty ? nil : SHA256.digest(Array(token.utf8))
  }
}
