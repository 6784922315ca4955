internal import Glibc
internal import Omnibus
internal import OmnibusCrypto

/// One of the two files of the journal. It is written from its beginning again and again; the salt of a pass, which nobody
/// outside can know, tells its groups from those that earlier ones have left, and from what a message may hold.
final class JournalFile {
  let path: String
  private let file: Int32
  private var salt: UInt64 = 0
  /// Where the next group is written.
  private(set) var end = 0
  /// The number of the last message in it; 0 where there is none.
  private(set) var last: UInt64 = 0

  /// Opens the file, which is made where it is not there.
  init(_ path: String) throws(Failure) {
    self.path = path
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else {
      throw Failure(.unavailable, "\(path) cannot be opened: \(String(cString: strerror(errno)).lowercased())")
    }
  }

  deinit { close(file) }

  /// How many bytes the file system has left for this process.
  var free: Int {
    var status = statvfs()
    return fstatvfs(file, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : 0
  }

  /// The groups of its last pass. A group that was not written as a whole ends them: nobody was told that it was kept. Where
  /// one comes behind such a place, the file is damaged, which is a failure of kind `internal`.
  func read(_ seal: RecordSeal?) throws(Failure) -> [JournalGroup] {
    var status = stat()
    guard fstat(file, &status) == 0, status.st_size > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: Int(min(status.st_size, 1 << 30)))
    guard pread(file, &bytes, bytes.count, 0) == bytes.count else {
      throw Failure(.unavailable, "\(path) cannot be read: \(String(cString: strerror(errno)).lowercased())")
    }
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(Failure) in try groups(bytes, seal) }
    }
    return try result.get()
  }

  private func groups(_ bytes: UnsafeRawBufferPointer, _ seal: RecordSeal?) throws(Failure) -> [JournalGroup] {
    var groups: [JournalGroup] = []
    var place = 0
    while place < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
      guard let group = try JournalGroup(rest, seal), group.salt == groups.first?.salt ?? group.salt else { break }
      groups.append(group)
      place += group.size
    }
    guard let salt = groups.first?.salt else { return [] }
    while place + JournalGroup.headerSize <= bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
      if rest.loadUnaligned(fromByteOffset: 16, as: UInt64.self) == salt.littleEndian,
        try JournalGroup(rest, seal) != nil
      {
        throw Failure(.internal, "\(path) is damaged: messages in it cannot be read")
      }
      place += 1
    }
    return groups
  }

  /// Begins a new pass.
  func restart() throws(Failure) {
    guard let salt = RandomBytes.make(8) else { throw Failure(.unavailable, "there is no randomness for the journal") }
    self.salt = salt.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    end = 0
    last = 0
  }

  /// Writes a group behind the others, without a sync; a failure of kind `unavailable` leaves the file as it was.
  func write(_ arrivals: [Arrival], first: UInt64, _ seal: RecordSeal?) throws(Failure) {
    let bytes = try JournalGroup.encode(arrivals, first: first, salt: salt, seal)
    guard pwrite(file, bytes, bytes.count, end) == bytes.count else {
      throw Failure(.unavailable, "the journal of the store cannot be written")
    }
    end += bytes.count
    last = first + UInt64(arrivals.count) - 1
  }

  /// Has the disk take what was written; false where nobody knows whether it did.
  func sync() -> Bool { fdatasync(file) == 0 }
}
