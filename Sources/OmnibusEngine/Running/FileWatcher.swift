internal import CReactor
internal import Glibc
public import OmnibusReactor

// @unchecked: all state is touched on the reactor's thread only.
/// Tells when route files below a folder change, or others that are named, by inotify(7). Several changes in quick succession are told once.
public final class FileWatcher: ReadinessHandler, @unchecked Sendable {
  /// How long it must be quiet before a change is told.
  static let quietTime = Duration.milliseconds(200)

  private let root: String
  private let files: [String]
  private let reactor: Reactor
  private let changed: @Sendable () -> Void
  private let descriptor: Int32
  private var folders: [Int32: String] = [:]
  /// The names of files that are watched in a folder beside whatever else is.
  private var names: [Int32: Set<String>] = [:]
  private var pending: TimerHandle?

  /// Watches the folder `root` with all folders in it, or the folder of the file that it names, and `files`, whether
  /// they are there yet or not; calls `changed` on `reactor`.
  public static func start(
    _ root: String, and files: [String] = [], on reactor: Reactor, changed: @escaping @Sendable () -> Void
  ) throws(SystemError) -> FileWatcher {
    let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    guard descriptor >= 0 else { throw SystemError("inotify_init1") }
    let watcher = FileWatcher(root, files, reactor, descriptor, changed)
    reactor.execute {
      watcher.watch(root, depth: 0)
      for file in files { watcher.watch(file: file) }
      // A descriptor that cannot be watched leaves SIGHUP to reload by.
      try? reactor.register(descriptor, .readable, handler: watcher)
    }
    return watcher
  }

  private init(
    _ root: String, _ files: [String], _ reactor: Reactor, _ descriptor: Int32,
    _ changed: @escaping @Sendable () -> Void
  ) {
    self.root = root
    self.files = files
    self.reactor = reactor
    self.descriptor = descriptor
    self.changed = changed
  }

  deinit { close(descriptor) }

  /// Ends the watch.
  public func stop() {
    reactor.execute { [self] in
      reactor.unregister(descriptor)
      if let pending { reactor.cancel(pending) }
    }
  }

  /// Reads what the kernel tells.
  public func ready(_ readiness: Readiness) {
    var isRelevant = false
    withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 8) { buffer in
      while true {
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        guard count > 0 else { return }
        if handle(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { isRelevant = true }
      }
    }
    guard isRelevant else { return }
    if let pending { reactor.cancel(pending) }
    pending = reactor.schedule(after: Self.quietTime) { [self] in
      pending = nil
      changed()
    }
  }

  /// Goes through the events of one read; answers whether one is about a route file.
  private func handle(_ events: UnsafeRawBufferPointer) -> Bool {
    var isRelevant = false
    var place = 0
    let headSize = MemoryLayout<inotify_event>.size
    while place + headSize <= events.count {
      let event = events.loadUnaligned(fromByteOffset: place, as: inotify_event.self)
      let name = String(
        decoding: events[(place + headSize)..<(place + headSize + Int(event.len))].prefix { $0 != 0 }, as: UTF8.self)
      place += headSize + Int(event.len)
      if names[event.wd]?.contains(name) == true {
        isRelevant = true
      } else if let folder = folders[event.wd] {
        let isFolder = event.mask & UInt32(IN_ISDIR) != 0
        if isFolder { watch("\(folder)/\(name)", depth: 1) }
        if isFolder || name.isEmpty || RouteFiles.isRouteFile(name) { isRelevant = true }
      }
    }
    return isRelevant
  }

  /// Watches one file by its folder, so that it is seen to come and go.
  private func watch(file: String) {
    let (folder, name) = Self.parts(file)
    guard let number = add(folder) else { return }
    names[number, default: []].insert(name)
  }

  private func add(_ folder: String) -> Int32? {
    let mask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE
    let number = inotify_add_watch(descriptor, folder, UInt32(mask))
    return number >= 0 ? number : nil
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
