internal import Glibc
public import Omnibus

/// The YAML files of a routes folder as they were at one moment.
public struct RouteFiles: Sendable {
  /// One file.
  public struct File: Sendable {
    /// The path, as diagnostics show it.
    public let path: String
    /// What it held.
    public let bytes: [UInt8]

    /// A file that was read, or made up by a test.
    public init(path: String, bytes: [UInt8]) {
      self.path = path
      self.bytes = bytes
    }
  }

  /// The largest file that is read.
  static let maxFileSize = 4 << 20
  /// How deep folders may nest.
  static let maxDepth = 16

  /// The folder that was read; nil for a single file.
  public let folder: String?
  /// The files, sorted by path.
  public let files: [File]
  /// What files beside them held that components read, by path, where these are the files of an earlier generation.
  let named: [String: [UInt8]]
  /// What could not be read.
  public let problems: [Diagnostic]

  /// These files; those of `folder` where they are all of its files.
  public init(_ files: [File], of folder: String? = nil) { self.init(files, named: [:], of: folder) }

  /// These files, with what others beside them held.
  init(_ files: [File], named: [String: [UInt8]], of folder: String?) {
    self.files = files
    self.named = named
    self.folder = folder
    problems = []
  }

  /// Reads `*.yaml` below `path`, or the one file that it names. Tests of routes (`*.test.yaml`) and hidden files and
  /// folders are left out; `*.yml` in a folder is a problem.
  public init(reading path: String) {
    var reader = Reader()
    reader.read(path)
    folder = reader.folder
    files = reader.files.sorted { $0.path < $1.path }
    named = [:]
    problems = reader.problems
  }

  /// Whether a file of this name holds routes.
  static func isRouteFile(_ name: String) -> Bool {
    name.hasSuffix(".yaml") && !name.hasSuffix(".test.yaml") && !name.hasPrefix(".")
  }

  /// Whether a file of this name is for the engine, as `omnibus.yaml` and `omnibus.production.yaml` are.
  static func isConfiguration(_ name: String) -> Bool { name.hasPrefix("omnibus.") && name.hasSuffix(".yaml") }

  private struct Reader {
    var folder: String?
    var files: [File] = []
    var problems: [Diagnostic] = []

    mutating func read(_ path: String) {
      var information = stat()
      guard stat(path, &information) == 0 else { return report(path, "cannot be read: \(errorText())") }
      if information.st_mode & S_IFMT == S_IFDIR {
        folder = path
        return readFolder(path, depth: 0)
      }
      readFile(path, size: Int(information.st_size))
    }

    mutating func readFolder(_ path: String, depth: Int) {
      guard depth < RouteFiles.maxDepth else { return report(path, "folders nest deeper than \(RouteFiles.maxDepth)") }
      guard let folder = opendir(path) else { return report(path, "cannot be read: \(errorText())") }
      defer { closedir(folder) }
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard !name.hasPrefix(".") else { continue }
        let child = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
        var information = stat()
        guard stat(child, &information) == 0 else { continue }
        if information.st_mode & S_IFMT == S_IFDIR {
          readFolder(child, depth: depth + 1)
        } else if RouteFiles.isConfiguration(name) {
          problems.append(
            Diagnostic(
              "misplaced-file", at: Location(file: child, line: 1, column: 1),
              "the engine's configuration stands among the routes, where it is not read",
              help: "put it beside the folder of the routes, or give the file another name"))
        } else if name.hasSuffix(".yml") {
          problems.append(.misnamed(child))
        } else if RouteFiles.isRouteFile(name) {
          readFile(child, size: Int(information.st_size))
        }
      }
    }

    private mutating func readFile(_ path: String, size: Int) {
      guard size <= RouteFiles.maxFileSize else {
        return report(path, "is larger than \(ByteSize(bytes: RouteFiles.maxFileSize))")
      }
      guard let bytes = FileBytes.read(path, limit: RouteFiles.maxFileSize) else {
        return report(path, "cannot be read: \(errorText())")
      }
      files.append(File(path: path, bytes: bytes))
    }

    private mutating func report(_ path: String, _ message: String) {
      problems.append(Diagnostic("unreadable-file", at: Location(file: path, line: 1, column: 1), message))
    }

    private func errorText() -> String { String(cString: strerror(errno)).lowercased() }
  }
}

extension Diagnostic {
  /// A file of YAML that nobody reads, by its name.
  static func misnamed(_ path: String) -> Diagnostic {
    Diagnostic(
      "misnamed-file", at: Location(file: path, line: 1, column: 1), "a file that ends in .yml is not read",
      help: "end its name in .yaml")
  }
}
