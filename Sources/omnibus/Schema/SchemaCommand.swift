internal import ArgumentParser
internal import Omnibus
internal import OmnibusEngine

/// `omnibus schema`: JSON Schemas for editors.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Write the JSON Schema (2020-12) of route files or of omnibus.yaml, for editors and other tools.",
    discussion: """
      A YAML language server completes and checks a file that begins with

        # yaml-language-server: $schema=routes.schema.json

      omnibus init writes a folder where that is set up.
      """)

  /// The files that there are schemas of.
  enum Subject: String, ExpressibleByArgument, CaseIterable { case routes, configuration }

  @Argument(help: "What the schema is of: files of routes, or omnibus.yaml with its profiles.") var subject = Subject
    .routes
  @OptionGroup var configuration: ConfigurationArguments

  func run() throws {
    let installed = try InstalledPlugins.read(configuration.sources())
    let writer = SchemaWriter(catalog: Catalog(installed.plugins))
    let schema = subject == .routes ? writer.routesFile() : writer.configurationFile()
    Terminal.write(try JSONDocument(schema.value).serialize() + Array("\n".utf8))
  }
}
