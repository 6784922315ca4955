internal import Glibc
internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// What an engine has taken for itself of a folder that several share. Its methods block.
///
/// In the folder is one named `.omnibus`, and in that for each engine a folder with the files that it works on, and a lock
/// file that it touches as a sign of life. Whatever changes hands is renamed, which one alone can do: from the shared
/// folder to that of an engine, from the folder of an engine that gives no sign to that of another, and on to `done`. So an
/// engine that was suspended and had its files taken away cannot move them any more.
final class Claims: Sendable {
  private static let folderName = ".omnibus"
  private static let lockSuffix = ".lock"

  /// The place of this engine.
  struct Own: Sendable {
    var id: String
    var folder: Folder
    var lock: OpenFile
    /// The folder of all engines.
    var all: Folder
  }

  private struct Observation {
    var sign: FileStatus?
    var since: UInt64
  }

  private struct State {
    var own: Own?
    var observed: [String: Observation] = [:]
  }

  /// How long an engine may give no sign, in nanoseconds. Measured from when this engine saw the last one, by its own clock
  /// that never steps: the clocks of the engines and of the file server may differ.
  private let patience: UInt64
  private let state = Mutex(State())

  init(patience: UInt64) { self.patience = patience }

  /// How often to give a sign.
  var beatInterval: Duration { .nanoseconds(Int64(clamping: patience / 5)) }

  /// The place of this engine in `folder`, made when it is first asked for, and again when others took it away.
  func own(in folder: Folder) throws(SystemError) -> Own {
    if let own = state.withLock({ $0.own }), own.folder.exists, own.lock.exists { return own }
    let all = try Folder(making: Self.folderName, in: folder, mode: 0o770)
    let id = MessageID().description
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let lock = try OpenFile(openat(all.descriptor, id + Self.lockSuffix, flags, 0o660))
    // For people who look; where the disk is full it has to do without.
    _ = lock.write(Array("\(Self.hostName) \(getpid())\n".utf8))
    let own = Own(id: id, folder: try Folder(making: id, in: all, mode: 0o770), lock: lock, all: all)
    state.withLock { $0.own = own }
    return own
  }

  /// Gives a sign of life.
  func beat() { if let own = state.withLock({ $0.own }) { futimens(own.lock.descriptor, nil) } }

  /// The files in the place of this engine, and in those of engines that have given no sign for too long at `now`.
  func files(in folder: Folder, at now: UInt64) throws(SystemError) -> [FoundFile] {
    let own = try own(in: folder)
    var files = try Self.files(in: own.folder, of: own.id)
    let names = try own.all.names().usable
    let others = Set(names.map { $0.hasSuffix(Self.lockSuffix) ? String($0.dropLast(Self.lockSuffix.count)) : $0 })
      .subtracting([own.id])
    for other in others where isSilent(other, in: own.all, at: now) {
      guard let left = try Self.left(of: other, in: own.all) else { continue }
      files += left
      // Whoever wakes up after this finds that its place is gone, and takes another one.
      if left.isEmpty { Self.remove(other, from: own.all) }
    }
    state.withLock { state in state.observed = state.observed.filter { others.contains($0.key) } }
    return files
  }

  /// Takes the file for this engine; nil where another one was faster, or this one has a file of the name already.
  func claim(_ file: FoundFile, in folder: Folder) throws(SystemError) -> Folder? {
    let own = try own(in: folder)
    guard file.owner != own.id else { return own.folder }
    let name = file.status.name
    let result = state.withLock { _ -> Result<Folder?, SystemError> in
      // Nobody else moves files here, so what is not there now will not be there then.
      guard !own.folder.has(name) else { return .success(nil) }
      do throws(SystemError) {
        let place = try file.owner.map { owner throws(SystemError) in try Folder(owner, in: own.all) } ?? folder
        try place.take(name, into: own.folder)
        return .success(own.folder)
      } catch {
        return error.isMissingFile ? .success(nil) : .failure(error)
      }
    }
    return try result.get()
  }

  /// Gives the place up, unless files are left in it: those are for whoever notices.
  func leave() {
    guard let own = state.withLock({ $0.own.take() }) else { return }
    Self.remove(own.id, from: own.all)
  }

  /// Removes the place of an engine unless there is something in it, and then its lock file.
  private static func remove(_ id: String, from all: Folder) {
    guard unlinkat(all.descriptor, id, AT_REMOVEDIR) == 0 || errno == ENOENT else { return }
    all.remove(id + lockSuffix)
  }

  private func isSilent(_ other: String, in all: Folder, at now: UInt64) -> Bool {
    // Opening makes the file systems of a network ask the server, not what they remember.
    let sign = (try? all.openFile(other + Self.lockSuffix))?.status(name: other)
    return state.withLock { state in
      guard let seen = state.observed[other], seen.sign == sign else {
        state.observed[other] = Observation(sign: sign, since: now)
        return false
      }
      return now - seen.since >= patience
    }
  }

  /// The files that an engine left, none where its place is gone; nil where what has the name is no engine's place.
  private static func left(of other: String, in all: Folder) throws(SystemError) -> [FoundFile]? {
    do throws(SystemError) {
      return try files(in: Folder(other, in: all), of: other)
    } catch {
      switch error.code {
      case ENOENT: return []
      case ENOTDIR, ELOOP: return nil
      default: throw error
      }
    }
  }

  private static func files(in place: Folder, of owner: String) throws(SystemError) -> [FoundFile] {
    try place.names().usable.compactMap { name in
      place.status(of: name).map { FoundFile(status: $0, owner: owner) }
    }
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
