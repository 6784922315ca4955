internal import CReactor
internal import Glibc
internal import OmnibusReactor

/// A folder that is held open, so that what is done in it stays in it. Its methods block.
final class Folder: Sendable {
  let descriptor: Int32

  /// Opens a folder that is there.
  init(_ path: String) throws(SystemError) {
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open") }
  }

  /// Opens a folder, and makes it and those above it where they are missing.
  init(making path: String) throws(SystemError) {
    let opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if opened >= 0 {
      descriptor = opened
      return
    }
    guard errno == ENOENT else { throw SystemError("open") }
    var place = path.startIndex
    while place < path.endIndex {
      let end = path[path.index(after: place)...].firstIndex(of: "/") ?? path.endIndex
      if mkdir(String(path[..<end]), 0o777) != 0, errno != EEXIST { throw SystemError("mkdir") }
      place = end
    }
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open") }
  }

  /// Opens the folder `name` in this one, never what a link of that name leads to; makes it where it is missing.
  init(making name: String, in parent: Folder, mode: mode_t = 0o777) throws(SystemError) {
    if mkdirat(parent.descriptor, name, mode) != 0, errno != EEXIST { throw SystemError("mkdir") }
    descriptor = openat(parent.descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open") }
  }

  /// Opens the folder `name` that is in this one, never what a link of that name leads to.
  init(_ name: String, in parent: Folder) throws(SystemError) {
    descriptor = openat(parent.descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open") }
  }

  deinit { close(descriptor) }

  /// Whether it has not been removed.
  var exists: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }

  /// Which file system it lies on.
  var device: UInt64 {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? UInt64(status.st_dev) : 0
  }

  /// The names in the folder that are not hidden, in no order. Names that are not UTF-8, or hold control characters,
  /// could not be named in a message: they are counted only.
  func names() throws(SystemError) -> (usable: [String], unusable: Int) {
    // `fdopendir` takes its descriptor over, and reads on from where that stands: so one of its own.
    let own = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard own >= 0 else { throw SystemError("open") }
    guard let stream = fdopendir(own) else {
      close(own)
      throw SystemError("fdopendir")
    }
    defer { closedir(stream) }
    var usable: [String] = []
    var unusable = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
      }
      guard let name, !name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
        unusable += 1
        continue
      }
      if !name.hasPrefix(".") { usable.append(name) }
    }
    return (usable, unusable)
  }

  /// What is known of the file `name`; nil where there is none, or it is a folder, a link or a device.
  func status(of name: String) -> FileStatus? {
    var status = stat()
    guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
    return FileStatus(name: name, status)
  }

  /// Whether there is something of that name.
  func has(_ name: String) -> Bool { faccessat(descriptor, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 }

  /// Opens the file `name` for reading. Links are not followed, and a pipe does not block.
  func openFile(_ name: String) throws(SystemError) -> OpenFile {
    try OpenFile(openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK))
  }

  /// Makes the empty file `name`; answers whether there was nothing of that name.
  func make(_ name: String) throws(SystemError) -> Bool {
    let made = openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard made >= 0 else {
      if errno == EEXIST { return false }
      throw SystemError("open")
    }
    close(made)
    return true
  }

  /// Moves the file `name` into `target` under `newName`; fails with `EEXIST` rather than replace a file.
  func move(_ name: String, to target: Folder, as newName: String) throws(SystemError) {
    if omnibus_rename_no_replace(descriptor, name, target.descriptor, newName) == 0 { return }
    // File systems of a network know no such renaming.
    guard errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP else { throw SystemError("rename") }
    try moveByLink(name, to: target, as: newName)
  }

  /// The same in two steps. Being cut short in between leaves the file under both names: nothing is lost.
  func moveByLink(_ name: String, to target: Folder, as newName: String) throws(SystemError) {
    guard linkat(descriptor, name, target.descriptor, newName, 0) == 0 else { throw SystemError("link") }
    guard unlinkat(descriptor, name, 0) == 0 else { throw SystemError("unlink") }
  }

  /// Moves the file `name` into `target`, in the place of a file of that name. Of several that try, one succeeds.
  func take(_ name: String, into target: Folder) throws(SystemError) {
    if renameat(descriptor, name, target.descriptor, name) == 0 { return }
    let error = SystemError("rename")
    // On a file system of a network the answer may be lost, and the request be sent again after it has succeeded.
    guard error.isMissingFile, target.status(of: name) != nil else { throw error }
  }

  /// Moves the file `name` to `newName` in the same folder, in the place of a file of that name.
  func replace(_ newName: String, by name: String) throws(SystemError) {
    guard renameat(descriptor, name, descriptor, newName) == 0 else { throw SystemError("rename") }
  }

  /// Removes the file `name`.
  func remove(_ name: String) { unlinkat(descriptor, name, 0) }

  /// Makes the folder's entries durable.
  func sync() throws(SystemError) {
    guard fsync(descriptor) == 0 else { throw SystemError("fsync") }
  }
}
