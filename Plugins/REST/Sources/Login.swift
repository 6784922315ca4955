internal import Omnibus

/// A user with a password: HTTP Basic (RFC 7617).
struct Login: Options {
  @Option(help: "the name of the user", check: Self.problem)
  var user: String

  @Option(help: "the password", check: { $0.reveal.isEmpty ? "must not be empty" : nil })
  var password: Secret

  /// What follows the scheme in an `authorization` header.
  var credentials: String { Base64.encode(Array("\(user):\(password.reveal)".utf8)) }

  private static func problem(_ user: String) -> String? {
    if user.isEmpty { return "must not be empty" }
    return user.contains(":") ? "must not hold a colon, which ends the name" : nil
  }
}

/// A token: HTTP Bearer (RFC 6750).
struct Token: Options {
  @Option(
    help: "the token",
    check: {
      let isToken = !$0.reveal.isEmpty && $0.reveal.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
      return isToken ? nil : "is letters, digits and signs without spaces or line breaks"
    })
  var token: Secret
}
