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
    try await letters.run("replay", "replayed", arguments, [("revision", revision.map(Value.string))])
  }
}
