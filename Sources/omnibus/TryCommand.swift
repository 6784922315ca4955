internal import ArgumentParser
internal import Glibc
internal import Omnibus
internal import OmnibusEngine

/// `omnibus try`: runs steps by hand, on files or standard input.
struct TryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "try",
    abstract: "Run a list of steps on each file, or on standard input, and print the resulting body.",
    discussion: """
      omnibus try -e '[ { parse_json: {} }, { map: { name: "${ body.name }" } } ]' message.json
        omnibus try steps.yaml message.json --format json

      The exit code is 1 if any message failed.
      """)

  /// How results are printed.
  enum Format: String, ExpressibleByArgument, CaseIterable { case body, json }

  @Option(name: [.customShort("e"), .long], help: "The steps, in YAML.") var steps: String?
  @Argument(help: ArgumentHelp("A file with steps, unless they are given by -e; then the messages.", valueName: "file"))
  var files: [String] = []
  @Option(
    name: .customLong("header"),
    help: ArgumentHelp("A header of each message; may come more than once.", valueName: "name=value"))
  var headers: [String] = []
  @Option(help: ArgumentHelp("Write one result a message here, under the message's file name.", valueName: "folder"))
  var outputDir: String?
  @OptionGroup var configuration: ConfigurationArguments
  @Option(help: "Print the body alone, or one line of JSON a message with outcome, failure, headers and body.")
  var format = Format.body

  func validate() throws {
    if steps == nil && files.isEmpty { throw ValidationError("give the steps by -e, or in a file") }
    for header in headers where !header.contains("=") {
      throw ValidationError("--header takes name=value, found no \"=\"")
    }
  }

  func run() async throws {
    let trial = try Trial(
      steps: steps, file: steps == nil ? files[0] : nil, headers: Headers(arguments: headers), format: format,
      outputDir: outputDir, installed: try InstalledPlugins.read(configuration.sources()))
    let inputs = steps == nil ? Array(files.dropFirst()) : files
    let failures = try await trial.run(inputs.isEmpty ? ["-"] : inputs)
    if failures > 0 { throw ExitCode(1) }
  }
}
