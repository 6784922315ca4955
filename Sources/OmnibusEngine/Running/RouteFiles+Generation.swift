internal import Omnibus
internal import OmnibusStore

extension RouteFiles {
  /// How many bytes of files beside those of routes are kept with a generation.
  static let maxKept = 8 << 20
  /// Stands before the path of a kept file that is none of routes.
  private static let mark = "named:"

  /// The files of a generation that was kept.
  init(of generation: StoredGeneration, folder: String?) {
    var (files, named): ([File], [String: [UInt8]]) = ([], [:])
    for file in generation.files {
      if file.path.hasPrefix(Self.mark) {
        named[String(file.path.dropFirst(Self.mark.count))] = file.bytes
      } else {
        files.append(File(path: file.path, bytes: file.bytes))
      }
    }
    self.init(files, named: named, of: folder)
  }

  /// What is kept of them with what their components read: the smaller files first where that is much. `left` counts those
  /// that are too much. What has changed since it was read is left out: whatever changed it is about to be applied.
  func kept(with others: [NamedFiles.File]) -> (files: [StoredGeneration.File], left: Int) {
    var contents: [String: [UInt8]] = [:]
    for file in others where contents[file.path] == nil { contents[file.path] = file.bytes(named) }
    var (kept, size, left): ([StoredGeneration.File], Int, Int) = ([], 0, 0)
    for (path, bytes) in contents.sorted(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) }) {
      size += bytes.count
      guard size <= Self.maxKept else {
        left += 1
        continue
      }
      kept.append(.init(path: Self.mark + path, bytes: bytes))
    }
    return (files.map { .init(path: $0.path, bytes: $0.bytes) } + kept.sorted { $0.path < $1.path }, left)
  }
}
