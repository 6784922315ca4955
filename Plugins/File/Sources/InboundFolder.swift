internal import Glibc
internal import Omnibus
internal import OmnibusReactor

/// The folder that a source takes files from, and those that it moves them to. Its methods block.
struct InboundFolder: Sendable {
  /// What one look into the folder showed.
  struct Sight: Sendable {
    var files: [FileStatus]
    /// Files whose names cannot be used.
    var unusable: Int
  }

  let path: String
  let donePath: String
  let failedPath: String
  let pattern: String
  let order: FileSourceOptions.Order
  let doneFile: DoneFile?

  /// Makes sure that files can be taken and moved on.
  func check() throws {
    let folder = try opened(path) { () throws(SystemError) in try Folder(path) }
    for target in [donePath, failedPath] {
      let targetFolder = try opened(target) { () throws(SystemError) in try Folder(making: target) }
      guard targetFolder.device == folder.device else {
        throw Failure(.unavailable, "\(target) must be on the same file system as \(path), so that files can be moved")
      }
    }
  }

  /// The files that can be taken, once they have settled, in their order.
  func look() throws -> Sight {
    let folder = try opened(path) { () throws(SystemError) in try Folder(path) }
    let (names, unusable) = try opened(path) { () throws(SystemError) in try folder.names() }
    let present = Set(doneFile == nil ? [] : names)
    let files = names.compactMap { name -> FileStatus? in
      guard fnmatch(pattern, name, 0) == 0 else { return nil }
      if let doneFile {
        guard !doneFile.matches(name), present.contains(doneFile.name(for: name)) else { return nil }
      }
      return folder.status(of: name)
    }
    return Sight(files: files.sorted(by: precedes), unusable: unusable)
  }

  /// The folder, to read its files.
  func open() throws -> Folder { try opened(path) { () throws(SystemError) in try Folder(path) } }

  /// Moves a file on; one of the same name that is there keeps it, and the new one gets a number.
  func move(_ name: String, succeeded: Bool) throws {
    let target = succeeded ? donePath : failedPath
    let folder = try open()
    let targetFolder = try opened(target) { () throws(SystemError) in try Folder(making: target) }
    for number in 1...9_999 {
      do throws(SystemError) {
        try folder.move(name, to: targetFolder, as: number == 1 ? name : FileName.numbered(name, number))
        try targetFolder.sync()
        try folder.sync()
        if let doneFile { folder.remove(doneFile.name(for: name)) }
        return
      } catch {
        if error.code == EEXIST { continue }
        throw Failure(file: error, "cannot move the file to \(target)")
      }
    }
    throw Failure(.unavailable, "\(target) holds too many files of one name")
  }

  private func precedes(_ a: FileStatus, _ b: FileStatus) -> Bool {
    if order == .modified, a.modified != b.modified { return a.modified < b.modified }
    return a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
  }

  private func opened<Result>(_ path: String, _ body: () throws(SystemError) -> Result) throws(Failure) -> Result {
    do throws(SystemError) { return try body() } catch { throw Failure(file: error, "cannot open the folder \(path)") }
  }
}
