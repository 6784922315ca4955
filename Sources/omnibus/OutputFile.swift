internal import ArgumentParser
internal import Glibc

/// Writes files, without Foundation.
enum OutputFile {
  /// Writes `bytes` to `path`, in place of what is there.
  static func write(_ bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw problem(path, "written") }
    defer { close(descriptor) }
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
