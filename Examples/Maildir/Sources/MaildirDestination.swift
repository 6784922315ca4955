import Omnibus

/// Delivers messages into a Maildir.
struct MaildirDestination: Step {
  struct Settings: Options {
    @Option(help: "the Maildir; it is made where it is not there")
    var directory: String
  }

  let maildir: Maildir

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    let bytes = try message.bodyBytes()
    do {
      try await context.blocking.run { try maildir.deliver(bytes) }
    } catch {
      throw Failure(.unavailable, "the Maildir does not take the message", cause: error)
    }
    return .next
  }
}
