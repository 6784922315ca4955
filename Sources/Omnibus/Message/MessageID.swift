internal import Glibc
internal import Synchronization

/// Names a message: a UUID of version 7 (RFC 9562, 5.7), so ids sort by time; the parts of a split append `/` and an index.
public struct MessageID: Sendable, Hashable, CustomStringConvertible {
  private let high: UInt64
  private let low: UInt64
  /// The indices of the parts that this is within, as `/3/5`; empty where it is a part of what came in.
  private let outer: String
  /// Which part it is, from 0; negative where it is none. Kept as a number, as most ids of parts are never written.
  private let index: Int

  private static let counter = Atomic<UInt64>(UInt64.random(in: 0...UInt64.max))

  /// A new id, unique in this process by a counter and elsewhere by 62 bits that start at random.
  public init() {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let milliseconds = UInt64(time.tv_sec) &* 1000 &+ UInt64(time.tv_nsec) / 1_000_000
    let fraction = (UInt64(time.tv_nsec) % 1_000_000) >> 8
    high = milliseconds << 16 | 0x7000 | (fraction & 0xFFF)
    // An odd step visits every value before one comes again, and spreads neighbours over the whole range.
    let count = Self.counter.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).oldValue
    low = 0x8000_0000_0000_0000 | (count & 0x3FFF_FFFF_FFFF_FFFF)
    outer = ""
    index = -1
  }

  private init(high: UInt64, low: UInt64, outer: String, index: Int) {
    self.high = high
    self.low = low
    self.outer = outer
    self.index = index
  }

  /// The id that `text` is the description of; nil for any other text.
  public init?(_ text: String) {
    var text = text
    let read = text.withUTF8 { Self.words(in: $0) }
    guard let read else { return nil }
    let path = text.utf8.dropFirst(36)
    guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else {
      self.init(high: read.high, low: read.low, outer: "", index: -1)
      return
    }
    guard
      path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst().allSatisfy(Self.isIndex),
      let index = Int(text[path.index(after: slash)...])
    else { return nil }
    self.init(high: read.high, low: read.low, outer: String(text[path.startIndex..<slash]), index: index)
  }

  /// The two halves of the UUID that `text` begins with, where nothing or a slash comes behind it.
  private static func words(in text: UnsafeBufferPointer<UInt8>) -> (high: UInt64, low: UInt64)? {
    guard text.count == 36 || text.count > 37 && text[36] == UInt8(ascii: "/") else { return nil }
    var words: (UInt64, UInt64) = (0, 0)
    for place in 0..<36 {
      let byte = text[place]
      if place == 8 || place == 13 || place == 18 || place == 23 {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      default: return nil
      }
      words.0 = words.0 << 4 | words.1 >> 60
      words.1 = words.1 << 4 | UInt64(digit)
    }
    return (words.0, words.1)
  }

  /// Whether it is the number of a part as it is written: digits, no zero in front.
  private static func isIndex(_ text: Substring.UTF8View) -> Bool {
    guard let first = text.first, text.count <= 18 else { return false }
    return text.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      && (first != UInt8(ascii: "0") || text.count == 1)
  }

  /// The id of part `index` of this message, counted from 0.
  public func part(_ index: Int) -> MessageID { MessageID(high: high, low: low, outer: path, index: index) }

  private var path: String { index < 0 ? outer : "\(outer)/\(index)" }

  /// `01890a5d-ac96-774b-bcce-b302099a8057`, and `…/3` for a part.
  public var description: String {
    let uuid = String(unsafeUninitializedCapacity: 36) { buffer in
      var place = 0
      for (word, dashes) in [(high, [4, 6]), (low, [0, 2])] {
        for byte in 0..<8 {
          if dashes.contains(byte) {
            buffer[place] = UInt8(ascii: "-")
            place += 1
          }
          let value = UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * byte))
          buffer[place] = hexDigit(value >> 4)
          buffer[place + 1] = hexDigit(value & 15)
          place += 2
        }
      }
      return place
    }
    return index < 0 ? uuid : uuid + path
  }
}

/// The lower-case hexadecimal digit for 0 to 15.
func hexDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
