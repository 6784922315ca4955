internal import ArgumentParser
internal import Glibc
internal import Omnibus
internal import OmnibusEngine

/// `omnibus init`: a folder to begin with.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a folder with a first route, which editors with a YAML language server understand at once.",
    discussion: """
      What is there already is left alone, but for the schemas, which are written anew: run it again after an update of the \
      program or of its plugins.
      """)

  @Argument(help: "The folder; it is made where it is not there.") var folder = "."

  func validate() throws {
    if folder.isEmpty { throw ValidationError("the name of the folder is empty") }
  }

  func run() throws {
    var folder = folder
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    let installed = try InstalledPlugins.read(ConfigurationSources(besideRoutes: "\(folder)/Routes"))
    for file in try ProjectFiles(catalog: Catalog(installed.plugins)).files {
      let path = "\(folder)/\(file.path)"
      guard file.isGenerated || !OutputFile.exists(path) else {
        Terminal.write("kept     \(path)\n")
        continue
      }
      try OutputFile.makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
      try OutputFile.write(file.bytes, to: path)
      Terminal.write("written  \(path)\n")
    }
    Terminal.write(
      "\nTo serve it: omnibus run \(folder.hasPrefix("-") ? "-- " : "")\(folder == "." ? "Routes" : "\(folder)/Routes")\n"
    )
  }
}
