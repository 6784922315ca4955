internal import CReactor
internal import Glibc
public import OmnibusReactor

// @unchecked: all state is touched on the reactor's thread only.
/// Tells when route files below a folder change, or others that are named. Several changes in quick succession are told
/// once.
public final class FileWatcher: @unchecked Sendable {
  /// How long it must be quiet before a change is told.
  static let quietTime = Duration.milliseconds(200)

  private let root: String
  private let files: [String]
  private let reactor: Reactor
  private let changed: @Sendable () -> Void
  private var events: FolderEvents?
  private var folders: [Int32: String] = [:]
  /// The names of files that are watched in a folder beside whatever else is.
  private var names: [Int32: Set<String>] = [:]
  /// The files that were named after the start.
  private var followed: Set<String> = []
  private var pending: TimerHandle?

  /// Watches the folder `root` with all folders in it, or the folder of the file that it names, and `files`, whether
  /// they are there yet or not; calls `changed` on `reactor`.
  public static func start(
    _ root: String, and files: [String] = [], on reactor: Reactor, changed: @escaping @Sendable () -> Void
  ) throws(SystemError) -> FileWatcher {
    let watcher = FileWatcher(root, files, reactor, changed)
    let events = try FolderEvents.start(on: reactor) { watcher.handle($0) }
    reactor.execute {
      watcher.events = events
      watcher.watch(root, depth: 0)
      for file in files { watcher.watch(file: file) }
    }
    return watcher
  }

  private init(
    _ root: String, _ files: [String], _ reactor: Reactor, _ changed: @escaping @Sendable () -> Void
  ) {
    self.root = root
    self.files = files
    self.reactor = reactor
    self.changed = changed
  }

  /// Watches `files` as well, whether they are there yet or not.
  public func follow(_ files: Set<String>) {
    reactor.execute { [self] in
      for file in files where followed.insert(file).inserted { watch(file: file) }
    }
  }

  /// Ends the watch.
  public func stop() {
    reactor.execute { [self] in
      events?.stop()
      events = nil
      if let pending { reactor.cancel(pending) }
    }
  }

  /// Goes through what happened, and tells it once nothing more does.
  private func handle(_ events: [FolderEvents.Event]) {
    var isRelevant = false
    for event in events where self.isRelevant(event) { isRelevant = true }
    guard isRelevant else { return }
    if let pending { reactor.cancel(pending) }
    pending = reactor.schedule(after: Self.quietTime) { [self] in
      pending = nil
      changed()
    }
  }

  private func isRelevant(_ event: FolderEvents.Event) -> Bool {
    if names[event.folder]?.contains(event.name) == true || event.kind.contains(.lost) { return true }
    guard let folder = folders[event.folder] else { return false }
    if event.isFolder, !event.name.isEmpty { watch("\(folder)/\(event.name)", depth: 1) }
    return event.isFolder || event.name.isEmpty || RouteFiles.isRouteFile(event.name)
  }

  /// Watches one file by its folder, so that it is seen to come and go.
  private func watch(file: String) {
    let (folder, name) = Self.parts(file)
    guard let number = add(folder) else { return }
    names[number, default: []].insert(name)
  }

  private func add(_ folder: String) -> Int32? {
    try? events?.watch(folder, [.closed, .movedIn, .movedOut, .removed, .made])
  }

  private static func parts(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
  }

  private func watch(_ path: String, depth: Int) {
    guard depth < RouteFiles.maxDepth else { return }
    var folder = path
    var information = stat()
    if stat(path, &information) == 0, information.st_mode & S_IFMT != S_IFDIR {
      folder = Self.parts(path).folder
    }
    guard let number = add(folder) else { return }
    folders[number] = folder
    guard folder == path, let entries = opendir(folder) else { return }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard !name.hasPrefix("."), entry.pointee.d_type == UInt8(DT_DIR) else { continue }
      watch("\(folder)/\(name)", depth: depth + 1)
    }
  }
}
