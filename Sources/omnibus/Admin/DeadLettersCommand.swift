internal import ArgumentParser

/// `omnibus dead-letters`: messages that failed for good.
struct DeadLettersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead-letters", abstract: "Show, replay and drop messages that could not be worked on.",
    subcommands: [
      DeadLettersListCommand.self, DeadLettersShowCommand.self, DeadLettersReplayCommand.self,
      DeadLettersDropCommand.self,
    ])
}
