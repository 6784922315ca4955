internal import Glibc
internal import Omnibus
internal import OmnibusReactor

/// A file that messages are written to one behind the other, each whole or not at all. Its methods block.
struct AppendedFile {
  /// What one message adds.
  struct Record: Sendable {
    var bytes: [UInt8]
    /// The line that a new file starts with.
    var heading: String?
  }

  private let folder: Folder
  private let file: OpenFile

  /// Opens the file, and makes it where it is missing. Links are not followed.
  init(in folder: Folder, name: String) throws(SystemError) {
    self.folder = folder
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    file = try OpenFile(openat(folder.descriptor, name, flags, 0o666))
  }

  /// Writes all of `records` and makes them durable in one go, or leaves the file as it was.
  func append(_ records: [Record]) throws(SystemError) {
    // Also against other processes: two must not both find the file new, nor cut what the other wrote.
    guard flock(file.descriptor, LOCK_EX) == 0 else { throw SystemError("flock") }
    defer { flock(file.descriptor, LOCK_UN) }
    guard let status = file.status(name: "") else { throw SystemError("open", code: EISDIR) }
    do throws(SystemError) {
      if status.size == 0, let heading = records.first?.heading { try write(Array("\(heading)\n".utf8)) }
      for record in records { try write(record.bytes) }
      try file.sync()
      if status.size == 0 { try folder.sync() }
    } catch {
      ftruncate(file.descriptor, off_t(status.size))
      throw error
    }
  }

  private func write(_ bytes: [UInt8]) throws(SystemError) {
    if let error = file.write(bytes).error { throw error }
  }
}
