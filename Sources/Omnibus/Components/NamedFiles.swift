internal import Synchronization

/// The files beside a route's definition that its components read while they were made. They belong to its revision.
package final class NamedFiles: Sendable {
  /// A file as it was when it was read first.
  package struct File: Sendable {
    /// Where it is.
    package let path: String
    /// That of its bytes; nil where it could not be read.
    package let digest: Digest?
    /// Whether the source of the route is made of it.
    package let isOfSource: Bool
    fileprivate let limit: Int

    /// Whether other bytes stand in it now, or in `kept` where it is there.
    package func hasChanged(_ kept: [String: [UInt8]]) -> Bool {
      (kept[path] ?? FileBytes.read(path, limit: limit)).map { Digest(of: $0) } != digest
    }

    /// The bytes that it was read with, from `kept` or the disk; nil where they cannot be had any more.
    package func bytes(_ kept: [String: [UInt8]]) -> [UInt8]? {
      guard let bytes = kept[path] ?? FileBytes.read(path, limit: limit), Digest(of: bytes) == digest else {
        return nil
      }
      return bytes
    }
  }

  private struct State {
    var files: [String: File] = [:]
    var kept: [String: [UInt8]] = [:]
    var revision: String?
  }

  private let state = Mutex(State())

  /// None yet.
  init() {}

  /// Those that were read, by path.
  package var all: [File] { state.withLock { $0.files.values.sorted { $0.path < $1.path } } }

  /// Bytes that are read instead of what the files of these paths hold now: those of an earlier generation.
  package var kept: [String: [UInt8]] {
    get { state.withLock { $0.kept } }
    set { state.withLock { $0.kept = newValue } }
  }

  /// What the revision is called with them, once that is known.
  package var revision: String? {
    get { state.withLock { $0.revision } }
    set { state.withLock { $0.revision = newValue } }
  }

  /// The bytes of a file, which is noted whether it can be read or not; nil, with `errno` set, where it cannot.
  func read(_ path: String, limit: Int, isOfSource: Bool) -> [UInt8]? {
    let bytes = kept[path] ?? FileBytes.read(path, limit: limit)
    let digest = bytes.map { Digest(of: $0) }
    state.withLock { state in
      // What the route was made of first tells a change; whoever reads it again may see a newer one.
      let known = state.files[path]
      state.files[path] = File(
        path: path, digest: known == nil ? digest : known?.digest,
        isOfSource: isOfSource || known?.isOfSource == true, limit: max(limit, known?.limit ?? 0))
    }
    return bytes
  }
}
