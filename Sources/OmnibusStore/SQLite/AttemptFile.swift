internal import Glibc

/// How often the messages that are under way were tried, in a file beside the database: 16 bytes for each, its id and
/// the count. They are written while a lease is given and never synced, which costs next to nothing and outlives a process
/// that is killed: so a message that kills the engine is known by its attempts. A mark of a message that is gone says
/// nothing, so marks are never cleared, only used again.
final class AttemptFile {
  private let file: Int32
  private var free: [Int] = []
  private var size = 0

  /// Opens the file, or makes it.
  init?(path: String) {
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { return nil }
  }

  deinit { close(file) }

  /// The marks that an earlier process left.
  func marks() -> [(id: Int64, attempts: Int64)] {
    var marks: [(Int64, Int64)] = []
    var place = 0
    var mark = [Int64](repeating: 0, count: 2)
    while marks.count < 1 << 20, pread(file, &mark, 16, place) == 16 {
      if mark[0] != 0 { marks.append((Int64(littleEndian: mark[0]), Int64(littleEndian: mark[1]))) }
      place += 16
    }
    return marks
  }

  /// Forgets all marks, once they are in the database.
  func clear() { ftruncate(file, 0) }

  /// Marks a message, at the place that it had already where it has one. Where the disk is full it goes without.
  func mark(_ id: Int64, _ attempts: Int, at place: Int?) -> Int {
    let place = place ?? free.popLast() ?? size
    if place == size { size += 1 }
    withUnsafeBytes(of: (id.littleEndian, Int64(attempts).littleEndian)) {
      _ = pwrite(file, $0.baseAddress, 16, place * 16)
    }
    return place
  }

  /// Lets the place be used for another message.
  func release(_ place: Int) { free.append(place) }
}
