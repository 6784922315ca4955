internal import ArgumentParser
internal import Glibc
internal import Logging
internal import Omnibus
internal import OmnibusEngine
internal import OmnibusReactor

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
  @Flag(inversion: .prefixedNo, help: "Take over changed files by themselves.") var watch = true
  @Option(help: "Threads that messages run on; one for each processor unless given.") var reactors: Int?
  @Option(
    help: ArgumentHelp("Seconds that messages under way have to finish when the program stops.", valueName: "seconds"))
  var grace = 30
  @Option(
    help: "The least level that is logged: trace, debug, info, notice, warning, error, critical.",
    transform: LogFormat.level)
  var logLevel = Logger.Level.info
  @Option(help: "How to log: text for people, json for machines; text on a terminal unless given.")
  var logFormat: LogFormat?

  func validate() throws {
    if let reactors, !(1...1024).contains(reactors) { throw ValidationError("--reactors takes 1 to 1024") }
    if !(0...86_400).contains(grace) { throw ValidationError("--grace takes 0 to 86400 seconds") }
  }

  func run() async throws {
    let signals = try SignalReader()
    signal(SIGPIPE, SIG_IGN)
    let format = logFormat ?? (isatty(STDERR_FILENO) == 1 ? .text : .json)
    let level = logLevel
    LoggingSystem.bootstrap { _ in StandardErrorLog(format: format, level: level) }
    let server = try Server(path: path, grace: .seconds(grace), reactors: reactors, logFormat: format)
    guard await server.serve(signals: signals, watch: watch) else { throw ExitCode(1) }
  }
}

/// `@Option` in commands is the parser's, not that of components.
typealias Option = ArgumentParser.Option
