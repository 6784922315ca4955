internal import ArgumentParser
internal import Glibc
internal import Logging
internal import OmnibusEngine

/// `omnibus run`: serves routes until it is told to stop.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Serve a folder of routes.",
    discussion: """
      Changed files are taken over while messages flow; so are they on SIGHUP. A change with a mistake in it is reported \
      and leaves everything as it was. SIGTERM and SIGINT stop the sources, let what is under way finish, and end the \
      program; the same signal a second time ends it at once.
      """)

  @Argument(help: ArgumentHelp("The folder of routes, or one file.", valueName: "routes")) var path = "Routes"
  @OptionGroup var configuration: ConfigurationArguments
  @OptionGroup var overrides: OverrideArguments

  func run() async throws {
    let signals = try SignalReader()
    signal(SIGPIPE, SIG_IGN)
    let sources = configuration.sources(besideRoutes: path, overrides: overrides.overrides)
    let read = EngineConfiguration(reading: sources)
    let live = LiveSettings(read)
    LoggingSystem.bootstrap { _ in StandardErrorLog(live) }
    let server = try Server(path: path, sources: sources, configuration: read, live: live)
    guard await server.serve(signals: signals) else { throw ExitCode(1) }
  }
}

/// `@Option` in commands is the parser's, not that of components.
typealias Option = ArgumentParser.Option
