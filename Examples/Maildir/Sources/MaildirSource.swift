import Omnibus

/// Takes the mail that comes into a Maildir.
struct MaildirSource: Source {
  struct Settings: Options {
    @Option(help: "the Maildir; it is made where it is not there")
    var directory: String

    @Option(help: "how long to wait between two looks", range: .milliseconds(10) ... .seconds(3600))
    var every: Duration = .seconds(1)

    @Option(help: "larger mail is flagged and left")
    var maxBody: ByteSize = ByteSize(bytes: 16 << 20)
  }

  let settings: Settings
  let maildir: Maildir

  var summary: String { "mail in \(maildir.path)" }
  var claims: [SourceClaim] { ["maildir \(maildir.path)"] }

  func prepare() async throws { try maildir.create() }

  func run(_ deliver: Deliver) async throws {
    let context = deliver.context
    deliver.ready()
    while !deliver.stop.isStopped {
      let names = try await context.blocking.run { try maildir.newNames() }
      for name in names where !deliver.stop.isStopped { try await take(name, deliver) }
      guard try await context.clock.sleep(for: settings.every, unless: deliver.stop) else { return }
    }
  }

  private func take(_ name: String, _ deliver: Deliver) async throws {
    let blocking = deliver.context.blocking
    var isFlagged = false
    do {
      let bytes = try await blocking.run { try maildir.read(name, limit: settings.maxBody.bytes) }
      var message = Message(headers: ["file-name": name, "content-type": "message/rfc822"], body: .bytes(bytes))
      try await deliver(&message)
    } catch {
      let failure = Failure(error)
      // It stays among the new ones, and so comes again.
      if failure.isTransient || failure.kind == .cancelled { return }
      isFlagged = true
    }
    try await blocking.run { [isFlagged] in try maildir.settle(name, isFlagged: isFlagged) }
  }
}
