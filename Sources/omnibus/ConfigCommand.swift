internal import ArgumentParser
internal import Glibc
internal import Omnibus
internal import OmnibusEngine

/// `omnibus config`: what the configuration comes to.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Print the configuration that holds, and where each value comes from.",
    discussion: """
      Takes the options of run that override omnibus.yaml, so that "omnibus run" with the same arguments begins with what \
      is printed. Secrets stand as the references that were written. The exit code is 1 when there is an error.
      """)

  /// How it is written.
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: ArgumentHelp("The folder of routes, or one file.", valueName: "routes")) var path = "Routes"
  @OptionGroup var arguments: ConfigurationArguments
  @OptionGroup var overrides: OverrideArguments
  @Option(help: "How to write it: as YAML with comments, or as one JSON document.") var format = Format.text

  func run() throws {
    let read = EngineConfiguration(
      reading: arguments.sources(besideRoutes: path, overrides: overrides.overrides))
    guard read.problems.isEmpty else {
      let renderer = DiagnosticRenderer(files: RouteFiles(read.files), colour: Terminal.usesColour(STDERR_FILENO))
      for problem in read.problems { Terminal.write(renderer.render(problem), to: STDERR_FILENO) }
      throw ExitCode(1)
    }
    switch format {
    case .text: Terminal.write(ConfigurationText.write(read))
    case .json: Terminal.write(try JSONDocument(json(read)).serialize() + Array("\n".utf8))
    }
  }

  private func json(_ read: EngineConfiguration) -> Value {
    .map(
      ValueMap([
        ("files", .list(read.files.map { .string($0.path) })), ("settings", .list(read.settings.map(\.json))),
      ]))
  }
}
