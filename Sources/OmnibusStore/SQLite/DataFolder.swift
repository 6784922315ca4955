internal import Glibc
internal import Omnibus

/// The folder of a store, which one process has at a time. Nobody but its owner may look into it.
final class DataFolder {
  let path: String
  private let lock: Int32

  /// The file with everything.
  var database: String { Self.database(in: path) }
  /// How often messages were tried that are under way.
  var attempts: String { "\(path)/omnibus.attempts" }

  /// The file with everything in a folder, whether it is there or not.
  static func database(in folder: String) -> String { "\(folder)/omnibus.db" }

  /// Whether the folder has a database.
  static func exists(in folder: String) -> Bool { access(database(in: folder), F_OK) == 0 }

  /// Makes the folder where it is not there, and takes it; a failure of kind `unavailable` where another process has it.
  init(_ path: String) throws(Failure) {
    self.path = path
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw Failure(.unavailable, "the data directory \(path) cannot be made: \(Self.reason())")
    }
    lock = open("\(path)/omnibus.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else {
      throw Failure(.unavailable, "the data directory \(path) cannot be used: \(Self.reason())")
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      throw Failure(.unavailable, "the data directory \(path) is in use by \(Self.owner(lock))")
    }
    let text = "\(getpid())\n"
    ftruncate(lock, 0)
    pwrite(lock, text, text.utf8.count, 0)
    try Self.make(Self.database(in: path))
  }

  deinit { close(lock) }

  /// SQLite gives the files beside it the permissions of this one.
  private static func make(_ path: String) throws(Failure) {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw Failure(.unavailable, "\(path) cannot be opened: \(reason())") }
    close(file)
  }

  private static func owner(_ lock: Int32) -> String {
    var text = [UInt8](repeating: 0, count: 16)
    let count = pread(lock, &text, text.count, 0)
    let digits = text.prefix(max(count, 0)).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return digits.isEmpty ? "another process" : "process \(String(decoding: digits, as: UTF8.self))"
  }

  private static func reason() -> String { String(cString: strerror(errno)).lowercased() }
}
