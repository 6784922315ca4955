internal import Glibc
internal import Omnibus

/// Reads `omnibus.yaml` with its profiles, and gathers all that is wrong.
struct ConfigurationReader {
  /// The largest file that is read.
  static let maxFileSize = 1 << 20

  let sources: ConfigurationSources
  let settings: SettingsReader
  private(set) var files: [RouteFiles.File] = []
  private(set) var problems: [Diagnostic] = []
  private(set) var written: Node

  init(sources: ConfigurationSources, settings: SettingsReader) {
    self.sources = sources
    self.settings = settings
    written = Node(.mapping([]), at: Location(file: sources.path, line: 1, column: 1))
  }

  /// The options; the default for each top-level key that has a problem.
  mutating func read() -> EngineOptions {
    if let node = readBase() { written = written.overridden(by: node) }
    for profile in sources.profiles {
      if let node = readProfile(profile) { written = written.overridden(by: node) }
    }
    for override in sources.overrides { written = written.overridden(by: override.node) }
    return decode(written)
  }

  // MARK: files

  private mutating func readBase() -> Node? {
    if !sources.isRequired {
      let misnamed = String(sources.path.dropLast(".yaml".count)) + ".yml"
      if access(misnamed, F_OK) == 0 { problems.append(.misnamed(misnamed)) }
      if access(sources.path, F_OK) != 0, errno == ENOENT { return nil }
    }
    return readFile(sources.path)
  }

  private mutating func readProfile(_ name: String) -> Node? {
    let option = Location(file: "--profile", line: 0, column: 0)
    guard ConfigurationSources.isProfileName(name) else {
      problems.append(
        Diagnostic("bad-profile", at: option, "a profile is letters, digits, \"-\" and \"_\", found \"\(name)\""))
      return nil
    }
    let path = sources.path(ofProfile: name)
    guard access(path, F_OK) == 0 || errno != ENOENT else {
      let others = sources.availableProfiles()
      let nearest = NearestName.of(name, among: others).map { "; did you mean \"\($0)\"?" } ?? ""
      problems.append(
        Diagnostic(
          "unknown-profile", at: option, "there is no profile \"\(name)\": no file \(path)\(nearest)",
          help: others.isEmpty ? "no file beside it is for a profile" : "there are \(others.joined(separator: ", "))"))
      return nil
    }
    return readFile(path)
  }

  private mutating func readFile(_ path: String) -> Node? {
    guard let bytes = FileBytes.read(path, limit: Self.maxFileSize) else {
      let reason =
        errno == EFBIG ? "is larger than \(ByteSize(bytes: Self.maxFileSize))" : "cannot be read: \(errorText())"
      problems.append(Diagnostic("unreadable-file", at: Location(file: path, line: 1, column: 1), reason))
      return nil
    }
    files.append(RouteFiles.File(path: path, bytes: bytes))
    let document = YAMLParser.parse(bytes, file: path)
    problems.append(contentsOf: document.problems)
    guard let node = document.node, !node.isNull else { return nil }
    guard let entries = node.entries else {
      problems.append(
        Diagnostic("not-a-map", at: node.location, "the configuration is a map of keys, found \(node.kindName)"))
      return nil
    }
    // Keys that begin with x- are a place for anchors.
    return Node(.mapping(entries.filter { $0.key.text?.hasPrefix("x-") != true }), at: node.location)
  }

  private func errorText() -> String { String(cString: strerror(errno)).lowercased() }

  // MARK: options

  private mutating func decode(_ node: Node) -> EngineOptions {
    let scope = scope()
    if let options = EngineOptions.decode(node, in: scope) { return options }
    problems.append(contentsOf: scope.problems)
    let sound = (node.entries ?? []).filter { entry in
      EngineOptions.decode(Node(.mapping([entry]), at: node.location), in: self.scope()) != nil
    }
    return EngineOptions.decode(Node(.mapping(sound), at: node.location), in: self.scope()) ?? EngineOptions()
  }

  private func scope() -> LoadScope {
    LoadScope(
      subject: "configuration", directory: sources.directory,
      builder: ConfigurationBuilder(settings: settings, directory: sources.directory))
  }
}

/// Reads references of the configuration. It has no steps and no components.
private final class ConfigurationBuilder: LoadScope.Builder {
  private let settings: SettingsReader
  private let directory: String

  init(settings: SettingsReader, directory: String) {
    self.settings = settings
    self.directory = directory
  }

  func block(_ node: Node, in scope: LoadScope, isBranch: Bool) -> Block? { nil }

  func component(
    _ role: Component.Role, named name: Node, options: Node, in scope: LoadScope
  ) -> Component.Made? { nil }

  func resolve(_ reference: String) throws(LoadScope.ReferenceProblem) -> String {
    try settings.resolve(reference, directory: directory)
  }
}

extension ConfigurationSources.Override {
  /// The value within the keys that lead to it.
  fileprivate var node: Node {
    path.reversed().reduce(value) { inner, key in
      Node(.mapping([(Node(.scalar(key, plain: true), at: value.location), inner)]), at: value.location)
    }
  }
}
