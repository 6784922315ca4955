internal import Glibc
internal import Omnibus
internal import OmnibusReactor

/// The folder that a source takes files from, and those that it moves them to. Its methods block.
struct InboundFolder: Sendable {
  /// What one look into the folder showed.
  struct Sight: Sendable {
    var files: [FoundFile]
    /// Files whose names cannot be used.
    var unusable: Int
  }

  /// What came of taking a file.
  enum Take: Sendable {
    case taken(TakenFile)
    /// There is none of that name any more.
    case vanished
    /// It has changed since it was found, or another program or engine has it.
    case notYet
  }

  /// What came of moving a file on.
  enum Move: Sendable {
    case moved
    /// There is none of that name any more.
    case vanished
    /// Another file has taken its name, or its contents changed after they were read: it stays, and is a new one.
    case replaced
  }

  let path: String
  let donePath: String
  let failedPath: String
  let pattern: String
  let order: FileSourceOptions.Order
  let doneFile: DoneFile?
  let respectsLocks: Bool
  let claims: Claims?

  /// Makes sure that files can be taken and moved on.
  func check() throws {
    let folder = try open()
    for target in [donePath, failedPath] {
      guard try self.target(target, of: folder).device == folder.device else {
        throw Failure(.unavailable, "\(target) must be on the same file system as \(path), so that files can be moved")
      }
    }
  }

  /// Whether a file of that name could be taken, or tells that another one can.
  func concerns(_ name: String) -> Bool {
    !name.hasPrefix(".") && (fnmatch(pattern, name, 0) == 0 || doneFile?.matches(name) == true)
  }

  /// The files that can be taken, once they have settled, in their order.
  func look(at now: UInt64) throws -> Sight {
    let folder = try open()
    let (names, unusable) = try opened(path) { () throws(SystemError) in try folder.names() }
    let present = Set(doneFile == nil ? [] : names)
    var files = names.compactMap { name -> FoundFile? in
      guard fnmatch(pattern, name, 0) == 0 else { return nil }
      if let doneFile {
        guard !doneFile.matches(name), present.contains(doneFile.name(for: name)) else { return nil }
      }
      return folder.status(of: name).map { FoundFile(status: $0) }
    }
    if let claims {
      let claimed = try opened(path) { () throws(SystemError) in try claims.files(in: folder, at: now) }
      files += claimed.filter { fnmatch(pattern, $0.status.name, 0) == 0 }
    }
    return Sight(files: files.sorted(by: precedes), unusable: unusable)
  }

  /// Opens a file that was found, after this engine has it for itself where several share the folder.
  func take(_ found: FoundFile) throws -> Take {
    let folder = try open()
    let name = found.status.name
    var place = folder
    if let claims {
      // What is locked stays where it is, rather than move to and fro, which would be news of it each time.
      if found.owner == nil, respectsLocks, isLocked(name, in: folder) { return .notYet }
      let claimed = try opened(path) { () throws(SystemError) in try claims.claim(found, in: folder) }
      guard let claimed else { return .notYet }
      place = claimed
      // From here on the file needs nobody to say that it is complete, and the next one of its name does.
      if found.owner == nil, place.status(of: name) == found.status { removeDoneFile(of: name, from: folder) }
    }
    let isClaimed = claims != nil
    do throws(SystemError) {
      let file = try place.openFile(name)
      if file.status(name: name) == found.status, !respectsLocks || file.lockForReading() {
        return .taken(TakenFile(status: found.status, place: place, isClaimed: isClaimed, opened: .success(file)))
      }
    } catch {
      if error.isMissingFile { return .vanished }
      if place.status(of: name) == found.status {
        return .taken(TakenFile(status: found.status, place: place, isClaimed: isClaimed, opened: .failure(error)))
      }
    }
    if isClaimed { giveBack(name, from: place) }
    return .notYet
  }

  /// Leaves a file to be taken again. One that was claimed goes back where it came from, with the file that says that it is
  /// complete. Where there is another of its name by now, or the disk is full, it stays in the place of this engine.
  func giveBack(_ name: String, from place: Folder) {
    guard let folder = try? open(), !folder.has(name) else { return }
    var made: String?
    do throws(SystemError) {
      if let doneName = doneFile?.name(for: name), try folder.make(doneName) { made = doneName }
      try place.move(name, to: folder, as: name)
    } catch {
      // It would say so of another file, which took the name at the last moment.
      if let made { folder.remove(made) }
    }
  }

  private func isLocked(_ name: String, in folder: Folder) -> Bool {
    guard let file = try? folder.openFile(name) else { return false }
    return !file.lockForReading()
  }

  /// Moves a file on; one of the same name that is there keeps it, and the new one gets a number.
  func move(_ file: TakenFile, succeeded: Bool) throws -> Move {
    let name = file.status.name
    guard file.place.has(name) else { return .vanished }
    let present = file.place.status(of: name)
    guard present?.inode == file.status.inode, present == file.status || !succeeded else { return .replaced }
    let folder = try open()
    let path = succeeded ? donePath : failedPath
    let target = try self.target(path, of: folder)
    for number in 1...9_999 {
      let newName = number == 1 ? name : FileName.numbered(name, number)
      do throws(SystemError) {
        try file.place.move(name, to: target, as: newName)
        guard target.status(of: newName)?.inode == file.status.inode else {
          // Whatever took the name at the last moment has not been worked on.
          try target.move(newName, to: file.place, as: name)
          return .replaced
        }
        try target.sync()
        try file.place.sync()
        if !file.isClaimed { removeDoneFile(of: name, from: folder) }
        return .moved
      } catch {
        if error.code == EEXIST { continue }
        if error.isMissingFile, !file.place.has(name) { return .vanished }
        throw Failure(file: error, "cannot move the file to \(path)")
      }
    }
    throw Failure(.unavailable, "\(path) holds too many files of one name")
  }

  private func removeDoneFile(of name: String, from folder: Folder) {
    if let doneFile { folder.remove(doneFile.name(for: name)) }
  }

  private func open() throws -> Folder { try opened(path) { () throws(SystemError) in try Folder(path) } }

  /// The folder that files are moved to. One in the shared folder is opened from there: whoever may write there could
  /// put a link in its place, which would lead the files to wherever he wants.
  private func target(_ path: String, of folder: Folder) throws -> Folder {
    try opened(path) { () throws(SystemError) in
      let name = path.hasPrefix("\(self.path)/") ? path.dropFirst(self.path.count + 1) : ""
      return name.isEmpty || name.contains("/")
        ? try Folder(making: path) : try Folder(making: String(name), in: folder)
    }
  }

  private func precedes(_ a: FoundFile, _ b: FoundFile) -> Bool {
    let (a, b) = (a.status, b.status)
    if order == .modified, a.modified != b.modified { return a.modified < b.modified }
    return a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
  }

  private func opened<Result>(_ path: String, _ body: () throws(SystemError) -> Result) throws(Failure) -> Result {
    do throws(SystemError) { return try body() } catch { throw Failure(file: error, "cannot open the folder \(path)") }
  }
}
