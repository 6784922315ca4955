internal import Glibc

/// A folder of its own for a test, removed with all that is in it when nobody holds it any more. What is held when the tests
/// end, or are killed, is removed by the next ones that run.
public final class TemporaryDirectory: Sendable {
  private static let prefix = "omnibus-tests-"
  /// Done once in a process.
  private static let leftovers: Void = removeLeftovers()

  /// The absolute path, without a slash at the end.
  public let path: String
  /// Locked as long as the tests run, by which others know that somebody has the folder.
  private let lock: Int32

  /// Makes the folder.
  public init() {
    Self.leftovers
    var template = Array("/tmp/\(Self.prefix)XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil, "the tests need a folder in /tmp")
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    flock(lock, LOCK_SH)
  }

  deinit {
    Self.removeAll(path)
    close(lock)
  }

  /// Removes the folders that nobody has locked, but for those that are so new that their owner is about to.
  private static func removeLeftovers() {
    for name in names("/tmp") where name.hasPrefix(prefix) {
      let path = "/tmp/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0, status.st_uid == getuid(), time(nil) - status.st_ctim.tv_sec > 60 else {
        continue
      }
      let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard folder >= 0 else { continue }
      if flock(folder, LOCK_EX | LOCK_NB) == 0 { removeAll(path) }
      close(folder)
    }
  }

  /// The files in the folder, hidden ones too, sorted by name.
  public var files: [String] { Self.names(path) }

  /// What is in the file `name`; nil when there is none.
  public func read(_ name: String) -> [UInt8]? {
    guard let file = fopen("\(path)/\(name)", "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
    return bytes
  }

  /// The text in the file `name`.
  public func text(_ name: String) -> String? { read(name).map { String(decoding: $0, as: UTF8.self) } }

  /// Writes a file, and makes the folders that its name goes through.
  public func write(_ name: String, _ text: String) { write(name, Array(text.utf8)) }

  /// Writes a file, and makes the folders that its name goes through.
  public func write(_ name: String, _ bytes: [UInt8]) {
    let parts = name.split(separator: "/")
    for count in 1..<max(parts.count, 1) { mkdir("\(path)/\(parts[..<count].joined(separator: "/"))", 0o755) }
    guard let file = fopen("\(path)/\(name)", "w") else { preconditionFailure("cannot write \(name)") }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  /// The files in a folder, hidden ones too, sorted by name; none where it is not there.
  public static func names(_ path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private static func removeAll(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR { for name in names(path) { removeAll("\(path)/\(name)") } }
    remove(path)
  }
}
