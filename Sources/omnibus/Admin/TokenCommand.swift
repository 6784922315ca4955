internal import ArgumentParser
internal import Glibc
internal import OmnibusAdmin
internal import OmnibusEngine

/// `omnibus token`: tokens for the admin API.
struct TokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Make tokens for the admin API.", subcommands: [Create.self])

  /// `omnibus token create`.
  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make a token, and the line for omnibus.yaml that lets its holder in.",
      discussion: """
        The token is printed once, to standard output; what stands in omnibus.yaml is its hash, from which nobody finds \
        it. It holds from the next reload on, and no longer once its line is taken out.
        """)

    @Option(help: "What it is for: viewer, operator or admin.") var role = "viewer"
    @Option(help: "Whom it is for, as the log names them.") var name: String?

    func validate() throws {
      guard AdminRole(rawValue: role) != nil else {
        throw ValidationError("there is no role \"\(role)\": there are viewer, operator and admin")
      }
      if let name, let problem = AdminTokenOptions.problem(ofName: name) {
        throw ValidationError("the name \(problem)")
      }
    }

    func run() {
      let token = AdminToken()
      Terminal.write(token.text + "\n")
      Terminal.write(
        """
        This is the only time that the token is shown. In omnibus.yaml:

          admin:
            tokens:
              - { name: \(Self.yaml(name ?? role)), role: \(role), hash: "\(token.hash.text)" }

        """, to: STDERR_FILENO)
    }

    /// A name as YAML takes it for a text, whatever signs it has.
    private static func yaml(_ name: String) -> String {
      let isPlain = name.first?.isLetter == true && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
      let isWord = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(name.lowercased())
      return isPlain && !isWord
        ? name : "\"\(name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
  }
}
