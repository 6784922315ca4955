internal import ArgumentParser

/// `omnibus dead-letters drop`.
struct DeadLettersDropCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop", abstract: "Remove dead letters, for good.",
    discussion: "Their messages are lost then. Ending the command leaves the engine at it.")

  @OptionGroup var letters: DeadLetterJobArguments
  @OptionGroup var arguments: AdminArguments

  func run() async throws { try await letters.run("drop", "dropped", arguments) }
}
