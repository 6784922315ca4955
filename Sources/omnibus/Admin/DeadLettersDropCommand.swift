internal import ArgumentParser
internal import Omnibus

/// `omnibus dead-letters drop`.
struct DeadLettersDropCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop", abstract: "Remove dead letters, for good.",
    discussion: "Their messages are lost then. Ending the command leaves the engine at it.")

  @OptionGroup var letters: DeadLetterJobArguments
  @OptionGroup var arguments: AdminArguments

  func run() async throws {
    let client = try AdminClient(arguments)
    guard letters.ids.isEmpty else {
      let isSuccess = try await letters.each { id in
        let answer = try await client.post("/dead-letters/\(AdminClient.part(id))/drop")
        Terminal.write(arguments.json ? try answer.jsonBytes() + Array("\n".utf8) : Array("\(id)  dropped\n".utf8))
        return true
      }
      if !isSuccess { throw AdminClient.refused }
      return
    }
    let job = try await letters.run("drop", client)
    Terminal.write(
      arguments.json
        ? try job.jsonBytes() + Array("\n".utf8) : Array(DeadLetterJobArguments.text(job, done: "dropped").utf8))
    if !DeadLetterJobArguments.isSuccess(job) { throw AdminClient.refused }
  }
}
