internal import ArgumentParser
internal import Omnibus

/// `omnibus dead-letters replay`.
struct DeadLettersReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Send messages of dead letters through their routes again.",
    discussion: """
      What is worked on is gone; what fails again is kept, with one more attempt. The exit code is 1 when any was not \
      worked on. Ending the command leaves the engine at it.
      """)

  @OptionGroup var letters: DeadLetterJobArguments
  @Option(help: "Only through this revision of the route; whichever runs unless given.") var revision: String?
  @OptionGroup var arguments: AdminArguments

  func run() async throws {
    let client = try AdminClient(arguments)
    guard letters.ids.isEmpty else { return try await replayEach(client) }
    let job = try await letters.run("replay", client, members)
    Terminal.write(
      arguments.json
        ? try job.jsonBytes() + Array("\n".utf8) : Array(DeadLetterJobArguments.text(job, done: "replayed").utf8))
    if !DeadLetterJobArguments.isSuccess(job) { throw AdminClient.refused }
  }

  private var members: [(String, Value?)] { [("revision", revision.map(Value.string))] }

  private func replayEach(_ client: AdminClient) async throws {
    let isSuccess = try await letters.each { id in
      let answer = try await client.post(
        "/dead-letters/\(AdminClient.part(id))/replay", members, timeout: .seconds(600))
      let reason = answer.member("reason").map { ": \($0.shown)" } ?? ""
      Terminal.write(
        arguments.json
          ? try answer.jsonBytes() + Array("\n".utf8)
          : Array("\(id)  \(answer.member("outcome")?.shown ?? "")\(reason)\n".utf8)
      )
      return answer.member("outcome")?.string == "delivered"
    }
    if !isSuccess { throw AdminClient.refused }
  }
}
