internal import ArgumentParser
internal import Glibc
internal import Omnibus

/// Files that are given on the command line.
enum InputFile {
  /// All of a file, or of standard input for `-`; says what is wrong with one that cannot be read.
  static func read(_ path: String) throws -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw problem(path) }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 { throw problem(path) }
      if count == 0 { return bytes }
      bytes.append(contentsOf: buffer[..<count])
    }
  }

  private static func problem(_ path: String) -> ValidationError {
    ValidationError("\(path) cannot be read: \(String(cString: strerror(errno)).lowercased())")
  }

  /// The media type that the ending of a file's name stands for, nil for an unknown one; standard input counts as JSON.
  static func contentType(_ path: String) -> String? {
    path == "-" ? "application/json" : FileContentTypes.type(for: path)
  }
}
