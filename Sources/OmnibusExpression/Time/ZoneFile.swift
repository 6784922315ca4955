import Glibc
import Omnibus
import Synchronization

/// A zone of the system's time zone database: when its offset from UTC changes (TZif, RFC 8536).
struct ZoneFile: Sendable {
  private let transitions: [(time: Int64, offset: Int64)]
  private let first: Int64

  private static let cache = Mutex<[String: ZoneFile]>([:])
  private static let folder = "/usr/share/zoneinfo/"
  /// Names come from messages too, so only this many are kept.
  private static let cacheLimit = 1000

  /// The zone `name`; nil where the system has none.
  static func named(_ name: String) -> ZoneFile? {
    if let zone = cache.withLock({ $0[name] }) { return zone }
    let isName = name.utf8.allSatisfy { byte in
      (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || [0x2F, 0x5F, 0x2D, 0x2B].contains(byte)
    }
    guard isName, !name.isEmpty, name.utf8.count <= 64, !name.hasPrefix("/"), let bytes = read(folder + name),
      let zone = ZoneFile(bytes)
    else { return nil }
    cache.withLock { if $0.count < cacheLimit { $0[name] = zone } }
    return zone
  }

  /// Seconds east of UTC at `time`.
  func offset(at time: Int64) -> Int64 {
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].time <= time { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? first : transitions[low - 1].offset
  }

  /// Reads the 64-bit part. Times after the last transition keep its offset; the database of Debian lists them to 2037.
  private init?(_ bytes: [UInt8]) {
    guard let short = Counts(bytes, at: 0) else { return nil }
    let start = 44 + short.size(4)
    guard let counts = Counts(bytes, at: start), counts.types > 0, bytes.count >= start + 44 + counts.size(8) else {
      return nil
    }
    let times = start + 44
    let kinds = times + counts.times * 8
    let types = kinds + counts.times
    let offsets = (0..<counts.types).map { Int64(Int32(truncatingIfNeeded: number(bytes, types + $0 * 6, 4))) }
    first = offsets[0]
    transitions = (0..<counts.times).map { index in
      (number(bytes, times + index * 8, 8), offsets[min(Int(bytes[kinds + index]), offsets.count - 1)])
    }
  }

  private struct Counts {
    let times: Int
    let types: Int
    private let others: (utc: Int, standard: Int, leap: Int, characters: Int)

    init?(_ bytes: [UInt8], at start: Int) {
      guard bytes.count >= start + 44, bytes[start..<start + 4].elementsEqual("TZif".utf8) else { return nil }
      let counts = (0..<6).map { Int(number(bytes, start + 20 + $0 * 4, 4)) }
      guard counts.allSatisfy({ $0 < 1 << 20 }) else { return nil }
      others = (counts[0], counts[1], counts[2], counts[5])
      times = counts[3]
      types = counts[4]
    }

    func size(_ width: Int) -> Int {
      times * (width + 1) + types * 6 + others.characters + others.leap * (width + 4) + others.standard + others.utc
    }
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return count > 0 ? Array(bytes[..<count]) : nil
  }
}

/// The big-endian number of `width` bytes at `start`.
private func number(_ bytes: [UInt8], _ start: Int, _ width: Int) -> Int64 {
  bytes[start..<start + width].reduce(0) { $0 << 8 | Int64($1) }
}
