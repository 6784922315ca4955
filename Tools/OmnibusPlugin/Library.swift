import Foundation
import PackagePlugin

/// The library of a target that was built: its objects, its entry point, and the stamp that the program compares.
struct Library {
  private let target: SwiftSourceModuleTarget
  private let core: Core
  /// What the target and all that it depends on are made of, but for what the program holds.
  private let modules: [any Target]
  /// Where SwiftPM put what it built.
  private let built: URL
  private let context: PluginContext

  init(of target: SwiftSourceModuleTarget, core: Core, built: URL, context: PluginContext) throws {
    self.target = target
    self.core = core
    self.built = built
    self.context = context
    modules = try core.modulesBeside(of: target)
  }

  /// Writes the library, and says where.
  func link() throws -> URL {
    let library = built.appending(path: "\(target.name).so")
    // Nothing but the entry point is seen from outside: two libraries that bring the same module do not meet.
    let exports = work("exports.map")
    try write("{ global: omnibus_plugin; omnibus_interface; local: *; };\n", to: exports)
    let objects = try modules.flatMap(objects) + [entryPoint(), stamp()]
    let libraries = modules.flatMap { module in
      (module as? SwiftSourceModuleTarget)?.linkedLibraries.map { "-l\($0)" } ?? []
    }
    try run(
      "swiftc",
      ["-emit-library", "-o", library.path, "-Xlinker", "-soname=\(target.name).so"]
        + ["-Xlinker", "--version-script=\(exports.path)", "-Xlinker", "--gc-sections"]
        + objects.map(\.path) + libraries + systemLibraryFlags())
    return library
  }

  /// The objects that SwiftPM made of a module; of Swift those of the sources that there are, not of former ones.
  private func objects(of module: any Target) throws -> [URL] {
    guard let source = module as? any SourceModuleTarget else { return [] }
    let folder = built.appending(path: "\(source.moduleName).build")
    switch source {
    case is SwiftSourceModuleTarget:
      let map = try Data(contentsOf: folder.appending(path: "output-file-map.json"))
      let outputs = try JSONDecoder().decode([String: [String: String]].self, from: map)
      return outputs.filter { !$0.key.isEmpty }.compactMap { $0.value["object"] }.sorted().map { URL(filePath: $0) }
    case let module as ClangSourceModuleTarget:
      return module.sourceFiles(withSuffix: "").filter { $0.type == .source }.map {
        let name = $0.url.path.dropFirst(module.directoryURL.path.count).drop { $0 == "/" }
        return folder.appending(path: "\(name).o")
      }
    default: return []
    }
  }

  /// The function that the program calls: it hands over the plugin.
  private func entryPoint() throws -> URL {
    let source = work("EntryPoint.swift")
    let object = work("EntryPoint.o")
    try write(
      """
      import Omnibus
      import \(target.moduleName)

      @c(omnibus_plugin) public func enter(_ plugin: UnsafeMutableRawPointer) {
        plugin.initializeMemory(as: Plugin.self, to: omnibusPlugin)
      }

      """, to: source)
    let maps = target.recursiveTargetDependencies.compactMap(moduleMap).flatMap {
      ["-Xcc", "-fmodule-map-file=\($0.path)"]
    }
    do {
      try run(
        "swiftc",
        ["-parse-as-library", "-swift-version", "6", "-module-name", "OmnibusEntryPoint", "-O", "-c", source.path]
          + ["-o", object.path, "-I", built.appending(path: "Modules").path] + maps)
    } catch let refusal as Refusal where refusal.description.contains("cannot find 'omnibusPlugin' in scope") {
      throw Refusal(
        "\(target.name) says nowhere what it brings: write public let omnibusPlugin = Plugin(name: …) in one of its files"
      )
    }
    return object
  }

  /// What tells the program that the library fits.
  private func stamp() throws -> URL {
    let source = work("stamp.c")
    let object = work("stamp.o")
    try run(
      "InterfaceStamp",
      [source.path, try context.tool(named: "swiftc").url.path, core.package.directoryURL.path]
        + core.modules.flatMap { [$0.name, $0.directoryURL.path] })
    try run("clang", ["-c", "-fPIC", source.path, "-o", object.path])
    return object
  }

  /// Where the compiler learns what is in a module of C.
  private func moduleMap(of module: any Target) -> URL? {
    switch module {
    case let module as SystemLibraryTarget: return module.directoryURL.appending(path: "module.modulemap")
    case let module as ClangSourceModuleTarget:
      let own = module.publicHeadersDirectoryURL?.appending(path: "module.modulemap")
      if let own, FileManager.default.fileExists(atPath: own.path) { return own }
      return built.appending(path: "\(module.moduleName).build/module.modulemap")
    default: return nil
    }
  }

  private func systemLibraryFlags() -> [String] {
    modules.flatMap { ($0 as? SystemLibraryTarget)?.linkerFlags ?? [] }
  }

  private func work(_ name: String) -> URL { context.pluginWorkDirectoryURL.appending(path: name) }

  private func write(_ text: String, to file: URL) throws { try Data(text.utf8).write(to: file) }

  /// Runs a tool of the toolchain or of the package; what it says is the refusal when it fails.
  private func run(_ tool: String, _ arguments: [String]) throws {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = try context.tool(named: tool).url
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Refusal("\(tool) failed for \(target.name)\n\(output)") }
  }
}
