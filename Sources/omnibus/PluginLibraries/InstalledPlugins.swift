internal import Omnibus
internal import OmnibusEngine

/// The plugins of the program and those of libraries: everything that routes can name.
struct InstalledPlugins: Sendable {
  /// The plugins, those of the program first.
  private(set) var plugins: [Plugin]
  /// Why libraries were not loaded: errors, and warnings where the program may go on without.
  private(set) var problems: [Diagnostic] = []
  private var owners: [String: String] = [:]

  /// Those of the program, and of all `libraries` that can be loaded.
  init(loading libraries: [PluginLibrary] = [], program: [Plugin] = builtInPlugins) {
    plugins = program
    for plugin in program { claim(LibraryContents(plugin), for: "the program") }
    for library in libraries {
      do throws(LibraryProblem) {
        plugins.append(try load(library))
      } catch {
        problems.append(
          Diagnostic(
            "plugin-not-loaded", at: library.place, "\(library.written) \(error.message)", help: error.help,
            severity: library.isOptional ? .warning : .error))
      }
    }
  }

  /// What is said beside a name that nothing has: it may be that of a plugin which is missing.
  var missing: [Diagnostic.Note] {
    problems.map { Diagnostic.Note($0.location, "this plugin was not loaded: \($0.message)") }
  }

  private mutating func load(_ library: PluginLibrary) throws(LibraryProblem) -> Plugin {
    let identity = try LibraryIdentity(library.path)
    try LibraryFile.check(library.path)
    let contents = try LibraryProbe.run(library.path)
    if let taken = contents.names.first(where: { owners[$0] != nil }), let owner = owners[taken] {
      throw LibraryProblem("brings \(LogText.line(taken)), which \(owner) has already")
    }
    guard try LibraryIdentity(library.path) == identity else {
      throw LibraryProblem(
        "changed while it was checked", help: "rename a new library over the former one, and start the program again")
    }
    let plugin = try OpenLibrary.plugin(library.path)
    claim(contents, for: library.written)
    return plugin
  }

  private mutating func claim(_ contents: LibraryContents, for owner: String) {
    for name in contents.names { owners[name] = owner }
  }
}

extension LibraryContents {
  /// What no two plugins may bring both.
  fileprivate var names: [String] {
    ["the plugin \"\(plugin)\""] + components.map { "the \($0.role) \"\($0.name)\"" }
      + formats.map { "the format \"\($0)\"" }
  }
}
