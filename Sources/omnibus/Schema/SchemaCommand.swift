internal import ArgumentParser
internal import Omnibus
internal import OmnibusEngine

/// `omnibus schema`: JSON Schemas for editors.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Write the JSON Schema (2020-12) of route files, for editors and other tools.",
    discussion: """
      A YAML language server completes and checks a file that begins with

        # yaml-language-server: $schema=routes.schema.json

      omnibus init writes a folder where that is set up.
      """)

  @OptionGroup var configuration: ConfigurationArguments

  func run() throws {
    let installed = try InstalledPlugins.read(configuration.sources())
    let schema = SchemaWriter(catalog: Catalog(installed.plugins)).routesFile()
    Terminal.write(try JSONDocument(schema.value).serialize() + Array("\n".utf8))
  }
}
