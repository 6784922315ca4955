internal import Glibc
internal import Omnibus
internal import OmnibusReactor

/// A file that messages are written to one behind the other, each whole or not at all. Its methods block.
struct AppendedFile {
  private let folder: Folder
  private let file: OpenFile

  /// Opens the file, and makes it where it is missing. Links are not followed.
  init(in folder: Folder, name: String) throws(SystemError) {
    self.folder = folder
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    file = try OpenFile(openat(folder.descriptor, name, flags, 0o666))
  }

  /// Writes `bytes` in one piece and makes them durable; a new file starts with the line `heading`.
  func append(_ bytes: [UInt8], heading: String?) throws(SystemError) {
    // Also against other processes: two must not both find the file new, nor cut what the other wrote.
    guard flock(file.descriptor, LOCK_EX) == 0 else { throw SystemError("flock") }
    defer { flock(file.descriptor, LOCK_UN) }
    guard let status = file.status(name: "") else { throw SystemError("open", code: EISDIR) }
    let isNew = status.size == 0
    let start = isNew ? heading.map { Array("\($0)\n".utf8) } ?? [] : []
    let (written, error) = file.write(start + bytes)
    if let error {
      if written > 0 { ftruncate(file.descriptor, off_t(status.size)) }
      throw error
    }
    try file.sync()
    if isNew { try folder.sync() }
  }
}
