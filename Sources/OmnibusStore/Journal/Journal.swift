internal import Glibc
internal import Omnibus

/// What came for queues, as it came, in two files that are written in turns: one sync for all that came at the same time,
/// of bytes in a row. From there it is taken over into the database, many at a time; a file is written anew when the
/// database has all of it.
///
/// What a crash leaves in it is taken over when the store is opened.
final class Journal {
  /// A larger record goes to the database without the journal, which it would fill soon for little gain.
  static let largestRecord = 64 << 10
  /// What is written at once, about.
  static let bytesOfTurn = 1 << 20
  /// A file that has so many bytes gives way to the other one.
  private static let bytesOfFile = 8 << 20
  /// What is to be left of the disk, so that the database surely takes what is in the journal.
  private static let reserve = 16 * bytesOfFile

  private let files: [JournalFile]
  private let seal: RecordSeal?
  private var current = 0
  private var next: UInt64
  private var unread: [StoreFill] = []

  /// Opens the journal of two paths, and reads what came after the message with the number `filled`.
  init(_ paths: [String], _ seal: RecordSeal?, after filled: UInt64) throws(Failure) {
    self.seal = seal
    var files: [JournalFile] = []
    var groups: [JournalGroup] = []
    for path in paths {
      let file = try JournalFile(path)
      groups += try file.read(seal)
      try file.restart()
      files.append(file)
    }
    self.files = files
    next = filled + 1
    for group in groups.sorted(by: { $0.first < $1.first }) where group.last > filled {
      guard group.first == next else {
        throw Failure(.internal, "\(paths[0]) is damaged, or the file beside it: messages are missing")
      }
      unread.append(StoreFill(group.arrivals, last: group.last))
      next = group.last + 1
    }
  }

  /// What an earlier process has left, once.
  func takeRead() -> [StoreFill] {
    defer { unread = [] }
    return unread
  }

  /// Whether there is room for a turn, here and in the database, which has all messages up to the one with the number
  /// `filled`.
  func hasRoom(_ filled: UInt64) -> Bool {
    guard files[current].free >= Self.reserve else { return false }
    if files[current].end < Self.bytesOfFile { return true }
    let other = 1 - current
    guard files[other].last <= filled, (try? files[other].restart()) != nil else { return false }
    current = other
    return true
  }

  /// Writes messages, without a sync, and answers the number of the last one; a failure of kind `unavailable` leaves the
  /// journal as it was.
  func write(_ arrivals: [Arrival]) throws(Failure) -> UInt64 {
    try files[current].write(arrivals, first: next, seal)
    next = files[current].last + 1
    return next - 1
  }

  /// Has the disk take what was written; false where nobody knows whether it did.
  func sync() -> Bool { files[current].sync() }
}
