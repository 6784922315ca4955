internal import Glibc
internal import Omnibus
internal import OmnibusReactor

/// A file that nobody sees until it is complete: it is written under a hidden name, and then renamed. Its methods block.
final class NewFile: Sendable {
  private let folder: Folder
  private let hidden: String
  private let file: OpenFile
  private let renamed = Counter()

  init(in folder: Folder) throws(SystemError) {
    self.folder = folder
    hidden = ".omnibus-\(MessageID()).tmp"
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    file = try OpenFile(openat(folder.descriptor, hidden, flags, 0o666))
  }

  deinit { discard() }

  /// Removes what was written, unless it has its name.
  func discard() { if renamed.value == 0 { folder.remove(hidden) } }

  /// Writes behind what was written.
  func write(_ bytes: [UInt8]) throws(SystemError) {
    if let error = file.write(bytes).error { throw error }
  }

  /// Makes the file durable and gives it its name; unless it may replace one, a file of that name is `EEXIST`.
  func commit(as name: String, replacing: Bool) throws(SystemError) {
    try file.sync()
    if replacing {
      try folder.replace(name, by: hidden)
    } else {
      try folder.move(hidden, to: folder, as: name)
    }
    renamed.add(1)
    do throws(SystemError) { try folder.sync() } catch {
      // Whoever tries again must not find that the file is there. One that was replaced cannot be brought back.
      if !replacing { folder.remove(name) }
      throw error
    }
  }
}
