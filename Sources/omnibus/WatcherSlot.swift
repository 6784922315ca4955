internal import OmnibusEngine
internal import Synchronization

/// What watches the files of a server, from the time at which it runs.
final class WatcherSlot: Sendable {
  private let current = Mutex<FileWatcher?>(nil)

  /// The watcher; nil where files are not watched.
  var watcher: FileWatcher? { current.withLock { $0 } }

  /// Sets it.
  func set(_ watcher: FileWatcher?) { current.withLock { $0 = watcher } }
}
