internal import ArgumentParser
internal import Glibc

/// Writes files, without Foundation.
enum OutputFile {
  /// Writes `bytes` to `path`, in place of what is there, which is whole until then; a link is replaced, not followed.
  static func write(_ bytes: [UInt8], to path: String) throws {
    let draft = "\(path).\(getpid()).tmp"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw problem(path, "written") }
    defer { close(descriptor) }
    do {
      try write(bytes, descriptor, path)
      guard rename(draft, path) == 0 else { throw problem(path, "written") }
    } catch {
      unlink(draft)
      throw error
    }
  }

  /// Whether there is something at `path`, be it a link that leads nowhere.
  static func exists(_ path: String) -> Bool { faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 }

  private static func write(_ bytes: [UInt8], _ descriptor: Int32, _ path: String) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count >= 0 || errno == EINTR else { throw problem(path, "written") }
      rest = rest.dropFirst(max(count, 0))
    }
  }

  /// Makes the folder `path`, and those that it lies in, where they are not there.
  static func makeFolder(_ path: String) throws {
    guard !path.isEmpty, access(path, F_OK) != 0 else { return }
    if let slash = path.lastIndex(of: "/") { try makeFolder(String(path[..<slash])) }
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw problem(path, "made") }
  }

  private static func problem(_ path: String, _ what: String) -> ValidationError {
    ValidationError("\(path) cannot be \(what): \(String(cString: strerror(errno)).lowercased())")
  }
}
