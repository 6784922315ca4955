import Foundation
import PackagePlugin

/// `swift package omnibus-plugin`: a target of the package, linked as a library that the program loads.
@main
struct OmnibusPlugin: CommandPlugin {
  static let usage = """
    usage: swift package omnibus-plugin [--target NAME] [--configuration release|debug]

    Builds a target that has `public let omnibusPlugin = Plugin(…)` as a library for `plugins:` in omnibus.yaml.
    --target may be left out where only one target uses Omnibus. release goes with a program that `make build` made,
    debug with any.
    """

  func performCommand(context: PluginContext, arguments: [String]) async throws {
    var arguments = ArgumentExtractor(arguments)
    if arguments.extractFlag(named: "help") > 0 { return print(Self.usage) }
    let name = arguments.extractOption(named: "target").last
    let configuration = arguments.extractOption(named: "configuration").last ?? "release"
    guard arguments.remainingArguments.isEmpty else {
      throw Refusal("found \(arguments.remainingArguments.joined(separator: " "))\n\(Self.usage)")
    }
    guard configuration == "release" || configuration == "debug" else {
      throw Refusal("--configuration takes release or debug, found \(configuration)")
    }
    let core = try Core(below: context.package)
    let target = try target(name, of: context.package, core)
    try build(target, isRelease: configuration == "release")
    let folder = context.pluginWorkDirectoryURL.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: configuration)
    let library = try Library(of: target, core: core, built: folder, context: context)
    print("\(try library.link().path)")
  }

  /// The target called `name`, or the one that can only be meant.
  private func target(_ name: String?, of package: Package, _ core: Core) throws -> SwiftSourceModuleTarget {
    let all = package.targets.compactMap { $0 as? SwiftSourceModuleTarget }
      .filter { $0.kind == .generic && $0.recursiveTargetDependencies.contains { $0.name == "Omnibus" } }
    let names = all.map(\.name).joined(separator: ", ")
    guard !all.isEmpty else { throw Refusal("no target of this package depends on the product Omnibus") }
    guard let name else {
      guard all.count == 1 else { throw Refusal("say which by --target: \(names)") }
      return all[0]
    }
    guard let target = all.first(where: { $0.name == name }) else {
      throw Refusal("no target \"\(name)\" of this package depends on the product Omnibus; those that do: \(names)")
    }
    return target
  }

  private func build(_ target: SwiftSourceModuleTarget, isRelease: Bool) throws {
    var parameters = PackageManager.BuildParameters(configuration: isRelease ? .release : .debug)
    if isRelease { parameters.otherSwiftcFlags = ["-cross-module-optimization"] }
    let result = try packageManager.build(.target(target.name), parameters: parameters)
    guard result.succeeded else { throw Refusal("\(target.name) could not be built\n\(result.logText)") }
  }
}
