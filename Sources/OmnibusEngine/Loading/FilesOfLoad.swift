internal import Omnibus
internal import Synchronization

/// The files beside those of routes that were read in one load, also of routes that could not be loaded.
final class FilesOfLoad: Sendable {
  private let read = Mutex<Set<String>>([])

  /// Their paths.
  var paths: Set<String> { read.withLock { $0 } }

  /// Adds one.
  func add(_ path: String) { read.withLock { _ = $0.insert(path) } }

  /// Adds those of a route.
  func add(_ files: [NamedFiles.File]) { read.withLock { $0.formUnion(files.map(\.path)) } }
}
