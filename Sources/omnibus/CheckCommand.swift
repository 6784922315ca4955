internal import ArgumentParser
internal import Glibc
internal import Omnibus
internal import OmnibusEngine

/// `omnibus check`: all that is wrong with routes, without running them.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Report everything that is wrong with a folder of routes and the engine's configuration.",
    discussion: """
      Nothing is started and nothing is connected. Files of profiles that are not chosen are checked as well. The exit \
      code is 1 when there is an error.
      """)

  /// How problems are written.
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: ArgumentHelp("The folder of routes, or one file.", valueName: "routes")) var path = "Routes"
  @OptionGroup var configuration: ConfigurationArguments
  @Option(help: "How to write what is found: for people, or as one JSON document.") var format = Format.text

  func run() async throws {
    let checked = EngineConfiguration.check(configuration.sources(besideRoutes: path))
    let routes = RouteFiles(reading: path)
    let files = RouteFiles(checked.files + routes.files)
    let installed = InstalledPlugins(loading: checked.chosen.options.plugins)
    let engine = try EngineSetup.engine(checked.chosen.options, installed)
    let problems = checked.problems + installed.problems + engine.check(routes) + withoutRoutes(routes)
    switch format {
    case .text: writeText(problems, files)
    case .json: try writeJSON(problems, files)
    }
    if problems.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
  }

  /// A folder that is free of mistakes since nothing in it is read.
  private func withoutRoutes(_ routes: RouteFiles) -> [Diagnostic] {
    guard let folder = routes.folder, routes.files.isEmpty, routes.problems.isEmpty else { return [] }
    return [
      Diagnostic(
        "no-routes", at: Location(file: folder, line: 1, column: 1), "the folder holds no file of routes",
        help: "their names end in .yaml, and do not begin with a dot", severity: .warning)
    ]
  }

  private func writeText(_ problems: [Diagnostic], _ files: RouteFiles) {
    let renderer = DiagnosticRenderer(files: files, colour: Terminal.usesColour(STDOUT_FILENO))
    for problem in problems { Terminal.write(renderer.render(problem)) }
    let count = files.files.count == 1 ? "1 file" : "\(files.files.count) files"
    let found = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
    Terminal.write(problems.isEmpty ? "\(count) checked, no problems\n" : "\(count) checked, \(found)\n")
  }

  private func writeJSON(_ problems: [Diagnostic], _ files: RouteFiles) throws {
    let report = ValueMap([
      ("files", .int(Int64(files.files.count))), ("problems", .list(problems.map(\.value))),
    ])
    Terminal.write(try JSONDocument(.map(report)).serialize() + Array("\n".utf8))
  }
}
