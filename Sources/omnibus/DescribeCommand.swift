internal import ArgumentParser
internal import Omnibus
internal import OmnibusEngine

/// `omnibus describe`: what routes can name.
struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Say what routes can name: sources, destinations, steps and middleware, with their options.")

  @Argument(help: "A component, such as rest, or omnibus.yaml; all components in short unless given.") var name: String?
  @OptionGroup var configuration: ConfigurationArguments
  @Flag(help: "Write Markdown, as the reference pages are.") var markdown = false

  func run() throws {
    let catalog = Catalog(try InstalledPlugins.read(configuration.sources()).plugins)
    guard let name else {
      Terminal.write(markdown ? ReferenceMarkdown.overview(catalog) : ReferenceText.overview(catalog))
      return
    }
    if name == "omnibus.yaml" {
      return Terminal.write(
        markdown ? ReferenceMarkdown.options(EngineOptions.shape) : ReferenceText.configuration(EngineOptions.shape))
    }
    let components = catalog.components(named: name)
    guard !components.isEmpty else { throw ValidationError(unknown(name, catalog)) }
    for component in components {
      Terminal.write(markdown ? ReferenceMarkdown.page(component) : ReferenceText.page(component))
    }
  }

  private func unknown(_ name: String, _ catalog: Catalog) -> String {
    let names = Set(catalog.plugins.flatMap(\.components).map(\.name))
    let nearest = NearestName.of(name, among: names).map { "did you mean \"\($0)\"?" }
    return "no plugin has a component \"\(name)\"; \(nearest ?? "omnibus describe lists all")"
  }
}
