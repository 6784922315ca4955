import Foundation
import PackagePlugin

/// Gives the program the stamp of its interface, made anew whenever a source of the interface changes.
@main
struct StampProgram: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let products = try context.package.products(named: ["Omnibus"])
    let modules = products.flatMap(\.targets).flatMap { [$0] + $0.recursiveTargetDependencies }
    let folders = Dictionary(modules.map { ($0.name, $0.directoryURL) }) { first, _ in first }.sorted {
      $0.key < $1.key
    }
    let output = context.pluginWorkDirectoryURL.appending(path: "ProgramInterface.swift")
    let compiler = try context.tool(named: "swiftc").url
    return [
      .buildCommand(
        displayName: "Stamping the interface of plugins",
        executable: try context.tool(named: "InterfaceStamp").url,
        arguments: [output.path, compiler.path, context.package.directoryURL.path]
          + folders.flatMap { [$0.key, $0.value.path] },
        inputFiles: folders.flatMap { files(in: $0.value) }
          + [compiler, context.package.directoryURL.appending(path: "Package.swift")],
        outputFiles: [output])
    ]
  }

  private func files(in folder: URL) -> [URL] {
    let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
    return (all?.compactMap { $0 as? URL } ?? []).filter {
      (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true
    }
  }
}
