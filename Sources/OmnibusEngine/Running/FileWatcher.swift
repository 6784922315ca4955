internal import CReactor
internal import Glibc
public import OmnibusReactor

// @unchecked: all state is touched on the reactor's thread only.
/// Tells when route files below a folder change. Several changes in quick succession are told once.
public final class FileWatcher: @unchecked Sendable {
  /// How long it must be quiet before a change is told.
  static let quietTime = Duration.milliseconds(200)

  private let root: String
  private let reactor: Reactor
  private let changed: @Sendable () -> Void
  private var events: FolderEvents?
  private var folders: [Int32: String] = [:]
  private var pending: TimerHandle?

  /// Watches the folder `root` with all folders in it, or the folder of the file that it names, and calls `changed` on
  /// `reactor`.
  public static func start(_ root: String, on reactor: Reactor, changed: @escaping @Sendable () -> Void)
    throws(SystemError) -> FileWatcher
  {
    let watcher = FileWatcher(root, reactor, changed)
    let events = try FolderEvents.start(on: reactor) { watcher.handle($0) }
    reactor.execute {
      watcher.events = events
      watcher.watch(root, depth: 0)
    }
    return watcher
  }

  private init(_ root: String, _ reactor: Reactor, _ changed: @escaping @Sendable () -> Void) {
    self.root = root
    self.reactor = reactor
    self.changed = changed
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
    for event in events {
      if event.isFolder, !event.name.isEmpty {
        if let folder = folders[event.folder] { watch("\(folder)/\(event.name)", depth: 1) }
        isRelevant = true
      } else if event.name.isEmpty || RouteFiles.isRouteFile(event.name) {
        isRelevant = true
      }
    }
    guard isRelevant else { return }
    if let pending { reactor.cancel(pending) }
    pending = reactor.schedule(after: Self.quietTime) { [self] in
      pending = nil
      changed()
    }
  }

  private func watch(_ path: String, depth: Int) {
    guard depth < RouteFiles.maxDepth else { return }
    var folder = path
    var information = stat()
    if stat(path, &information) == 0, information.st_mode & S_IFMT != S_IFDIR {
      folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
    guard let number = try? events?.watch(folder, [.closed, .movedIn, .movedOut, .removed, .made]) else { return }
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
