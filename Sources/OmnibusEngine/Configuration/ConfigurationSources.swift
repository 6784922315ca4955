internal import Glibc
internal import Omnibus

/// Where the configuration of an engine is read from: `omnibus.yaml`, files of profiles beside it, and what the command
/// line says over them.
public struct ConfigurationSources: Sendable {
  /// A value that the command line gives.
  public struct Override: Sendable {
    /// The keys down to the value: `log`, `level`.
    let path: [String]
    /// The value, whose place is the command line's option.
    let value: Node

    /// The value that `option`, such as `--log-level`, gives the key `path`, such as `log.level`.
    public init(_ path: String, _ text: String, option: String) {
      self.path = path.split(separator: ".").map(String.init)
      value = Node(.scalar(text, plain: true), at: Location(file: option, line: 0, column: 0))
    }
  }

  /// The file, whether it is there or not.
  public let path: String
  /// Whether the file must be there, since somebody named it.
  public let isRequired: Bool
  /// The profiles, later ones override earlier ones.
  public let profiles: [String]
  /// What the command line says.
  public let overrides: [Override]

  /// The file `path`, which must be there.
  public init(file path: String, profiles: [String] = [], overrides: [Override] = []) {
    self.init(path, isRequired: true, profiles, overrides)
  }

  /// The file `omnibus.yaml` beside a folder of routes or a file of routes, if it is there. Where none is, and they lie in a
  /// folder `Routes`, it is the one beside that: what holds for the engine, and its data, does not belong among routes.
  public init(besideRoutes routes: String, profiles: [String] = [], overrides: [Override] = []) {
    var path = Self.parent(of: routes) + "omnibus.yaml"
    if access(path, F_OK) != 0, let folder = Self.folder(around: routes) {
      path = Self.parent(of: folder) + "omnibus.yaml"
    }
    self.init(path, isRequired: false, profiles, overrides)
  }

  private init(_ path: String, isRequired: Bool, _ profiles: [String], _ overrides: [Override]) {
    self.path = path
    self.isRequired = isRequired
    self.profiles = profiles
    self.overrides = overrides
  }

  /// The folder of the file, which relative paths in it start from.
  public var directory: String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  /// The same file with other profiles, and nothing of the command line.
  func with(profiles: [String]) -> ConfigurationSources {
    ConfigurationSources(path, isRequired: isRequired, profiles, [])
  }

  /// The files that are read when they are there.
  public var paths: [String] { [path] + profiles.map(path(ofProfile:)) }

  /// The file of a profile: `omnibus.production.yaml` for `production`.
  func path(ofProfile name: String) -> String {
    let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    guard let dot = path[start...].lastIndex(of: ".") else { return "\(path).\(name)" }
    return "\(path[..<dot]).\(name)\(path[dot...])"
  }

  /// The profiles that have a file, sorted.
  func availableProfiles() -> [String] {
    let pattern = path(ofProfile: "/").split(separator: "/", omittingEmptySubsequences: false).suffix(2)
    guard let prefix = pattern.first, let suffix = pattern.last, let folder = opendir(directory) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.count > prefix.count + suffix.count else { continue }
      let profile = String(name.dropFirst(prefix.count).dropLast(suffix.count))
      if Self.isProfileName(profile) { names.append(profile) }
    }
    return names.sorted()
  }

  /// Whether a profile can be called `name`: letters, digits, `-` and `_`, so that it is a part of a file's name.
  static func isProfileName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  /// The folder `Routes` around a path that is not one itself, as the path names it or, where that says nothing of it, in
  /// full; nil where there is none.
  private static func folder(around path: String) -> String? {
    func folder(_ path: String) -> String? {
      var parts = path.split(separator: "/", omittingEmptySubsequences: false)[...]
      while parts.count > 1, parts.last?.isEmpty == true { parts = parts.dropLast() }
      guard let name = parts.popLast(), name != "Routes", name != ".", name != "..",
        let place = parts.lastIndex(of: "Routes")
      else { return nil }
      return parts[...place].joined(separator: "/")
    }
    if let folder = folder(path) { return folder }
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return folder(String(cString: real))
  }

  /// What a path begins with that lies beside `path`: `` for `Routes`, `../` for `.`.
  private static func parent(of path: String) -> String {
    var path = path[...]
    while path.count > 1, path.last == "/" { path = path.dropLast() }
    if path == "/" { return "/" }
    let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    switch path[start...] {
    case ".": return path[..<start] + "../"
    case "..": return path + "/../"
    default: return String(path[..<start])
    }
  }
}
