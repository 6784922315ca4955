internal import CReactor
internal import Glibc
internal import Omnibus
internal import OmnibusReactor

/// A file that nobody sees until it is complete: it is written under a hidden name, and then renamed. Its methods block.
final class NewFile: Sendable {
  private let folder: Folder
  private let hidden: String
  /// Whether it has all its contents.
  let isComplete: Bool
  private let file: OpenFile
  private let renamed = Counter()

  /// A file that is empty, or where that can be had `contents` itself, of which nothing is copied.
  init(in folder: Folder, of contents: (any UnnamedFile)? = nil) throws(SystemError) {
    self.folder = folder
    let hidden = ".omnibus-\(MessageID()).tmp"
    self.hidden = hidden
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let empty = try OpenFile(openat(folder.descriptor, hidden, flags, 0o666))
    let named = contents.flatMap { Self.name($0, hidden, in: folder, insteadOf: empty) }
    isComplete = named != nil
    file = named ?? empty
  }

  /// Gives a file without a name that of an empty one, with the owner and the rights that the folder gives to new files, and
  /// opens it by that name, so that those who watch the folder are told when it is closed. Nil where that cannot be: on
  /// another mount, without /proc, or where one of them has extended attributes, which may be access lists and labels.
  private static func name(
    _ contents: any UnnamedFile, _ name: String, in folder: Folder, insteadOf empty: OpenFile
  ) -> OpenFile? {
    let descriptor = contents.descriptor
    var (wanted, found) = (stat(), stat())
    guard fstat(empty.descriptor, &wanted) == 0, fstat(descriptor, &found) == 0, wanted.st_dev == found.st_dev,
      flistxattr(empty.descriptor, nil, 0) <= 0, flistxattr(descriptor, nil, 0) <= 0,
      (wanted.st_uid, wanted.st_gid) == (found.st_uid, found.st_gid)
        || fchown(descriptor, wanted.st_uid, wanted.st_gid) == 0,
      fchmod(descriptor, wanted.st_mode & 0o7777) == 0,
      linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", folder.descriptor, "\(name).1", AT_SYMLINK_FOLLOW) == 0
    else { return nil }
    if let file = try? OpenFile(openat(folder.descriptor, "\(name).1", O_WRONLY | O_NOFOLLOW | O_CLOEXEC)),
      fstat(file.descriptor, &wanted) == 0, (wanted.st_dev, wanted.st_ino) == (found.st_dev, found.st_ino),
      renameat(folder.descriptor, "\(name).1", folder.descriptor, name) == 0
    {
      return file
    }
    folder.remove("\(name).1")
    return nil
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
