internal import ArgumentParser

/// The program: `omnibus`.
struct OmnibusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "omnibus",
    abstract: "An enterprise service bus: routes in YAML move messages between systems and change them on the way.",
    discussion: """
      Write routes in a folder, check them, run them:

        omnibus check Routes/
        omnibus run Routes/

      See what omnibus.yaml, profiles and options come to:

        omnibus config Routes/ --profile production

      Ask a running engine, and tell it what to do:

        omnibus status
        omnibus dead-letters list

      Look up what a route can name, and try steps and expressions by hand:

        omnibus describe rest
        omnibus try -e 'parse_json: {}' message.json
        omnibus eval 'body.name' --body message.json
      """,
    version: "0.1.0",
    subcommands: [
      RunCommand.self, CheckCommand.self, InitCommand.self, ConfigCommand.self, DescribeCommand.self,
      SchemaCommand.self, TryCommand.self, EvalCommand.self, ProbeCommand.self,
    ],
    groupedSubcommands: [
      CommandGroup(
        name: "Of a running engine",
        subcommands: [
          StatusCommand.self, RoutesCommand.self, PauseCommand.self, ResumeCommand.self, DrainCommand.self,
          StopCommand.self, StartCommand.self, ReloadCommand.self, PlanCommand.self, RollbackCommand.self,
          GenerationsCommand.self, BreakersCommand.self, QueuesCommand.self, DeadLettersCommand.self,
          JobsCommand.self, LogLevelCommand.self, TokenCommand.self,
        ])
    ],
    defaultSubcommand: nil)
}
