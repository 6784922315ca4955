import PackagePlugin

/// What plugins see of Omnibus, and what the program holds for them: a library must not bring it along.
struct Core {
  /// The package that Omnibus comes from.
  let package: Package
  /// The modules of its product `Omnibus`, and all that they depend on, in other packages too; sorted by name.
  let modules: [any Target]

  /// The core that `root` depends on.
  init(below root: Package) throws {
    guard let package = Self.find(from: root) else { throw Refusal("this package does not depend on omnibus") }
    self.package = package
    let all = try package.products(named: ["Omnibus"]).flatMap(\.targets)
      .flatMap { [$0] + $0.recursiveTargetDependencies }
    modules = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }.values.sorted { $0.name < $1.name }
  }

  /// The modules that a library of `target` has to hold: itself, and what it uses that is not of the core.
  func modulesBeside(of target: any Target) throws -> [any Target] {
    let held = Set(modules.map(\.name))
    let own = Set(package.targets.map(\.name))
    let all = [target] + target.recursiveTargetDependencies.filter { !held.contains($0.name) }
    if let wrong = all.dropFirst().first(where: { own.contains($0.name) }) {
      throw Refusal(
        "\(target.name) depends on \(wrong.name), which no plugin may bring along; only the product Omnibus is for plugins"
      )
    }
    return all
  }

  private static func find(from package: Package) -> Package? {
    if package.displayName == "omnibus" { return package }
    for dependency in package.dependencies {
      if let found = find(from: dependency.package) { return found }
    }
    return nil
  }
}
