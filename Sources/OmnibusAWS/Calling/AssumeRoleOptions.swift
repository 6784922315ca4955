public import Omnibus

/// The option `assume_role` of a connection to AWS.
public struct AssumeRoleOptions: Options {
  /// The role, such as arn:aws:iam::123456789012:role/care.
  @Option(help: "the role, such as arn:aws:iam::123456789012:role/care", check: isRole)
  public var role: String

  /// What the session is called in audit logs.
  @Option(help: "what the session is called in audit logs", check: isSession)
  public var sessionName: String = AssumedRole.defaultSession

  /// What the owner of the role asks to be told.
  @Option(help: "what the owner of the role asks to be told", default: "nothing")
  public var externalId: String? = nil

  /// How long the credentials are good.
  @Option(help: "how long the credentials are good", range: .seconds(900)...Duration.seconds(43_200))
  public var duration: Duration = .seconds(3600)

  /// Options with their defaults.
  public init() {}

  var assumed: AssumedRole {
    AssumedRole(arn: role, session: sessionName, externalID: externalId, duration: Int(duration.components.seconds))
  }
}

/// The option `web_identity` of a connection to AWS.
public struct WebIdentityOptions: Options {
  /// The role, such as arn:aws:iam::123456789012:role/care.
  @Option(help: "the role, such as arn:aws:iam::123456789012:role/care", check: isRole)
  public var role: String

  /// The file with the token, read anew each time; relative to the routes file.
  @Option(help: "the file with the token, read anew each time; relative to the routes file")
  public var tokenFile: String

  /// What the session is called in audit logs.
  @Option(help: "what the session is called in audit logs", check: isSession)
  public var sessionName: String = AssumedRole.defaultSession

  /// How long the credentials are good.
  @Option(help: "how long the credentials are good", range: .seconds(900)...Duration.seconds(43_200))
  public var duration: Duration = .seconds(3600)

  /// Options with their defaults.
  public init() {}

  var assumed: AssumedRole {
    AssumedRole(arn: role, session: sessionName, duration: Int(duration.components.seconds))
  }
}

@Sendable private func isRole(_ name: String) -> String? {
  name.hasPrefix("arn:") && name.contains(":role/") && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    ? nil : "is no name of a role such as arn:aws:iam::123456789012:role/care"
}

@Sendable private func isSession(_ name: String) -> String? {
  let isSound = name.utf8.allSatisfy { byte in
    let letter = byte | 0x20
    return (0x30...0x39 ~= byte) || (0x61...0x7A ~= letter && byte >= 0x41) || "+=,.@-_".utf8.contains(byte)
  }
  return 2...64 ~= name.utf8.count && isSound ? nil : "has 2 to 64 characters: letters, digits and + = , . @ - _"
}
