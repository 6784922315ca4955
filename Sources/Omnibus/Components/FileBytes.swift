internal import Glibc

/// Reads small files whole, without Foundation.
package enum FileBytes {
  /// The bytes of the file at `path`; nil, with `errno` set, when it cannot be read, is larger than `limit` or is no file but
  /// a folder, a pipe or a device, which might never end.
  package static func read(_ path: String, limit: Int) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { return nil }
    guard information.st_mode & S_IFMT == S_IFREG else {
      errno = information.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL
      return nil
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 { return nil }
      if count == 0 { return bytes }
      bytes.append(contentsOf: buffer[..<count])
      if bytes.count > limit {
        errno = EFBIG
        return nil
      }
    }
  }
}
