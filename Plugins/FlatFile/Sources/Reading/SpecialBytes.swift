/// Finds the bytes that may mean something in a record, one after another: the delimiter, the quote, backslashes, and
/// all control characters. Eight bytes are looked at at once, so eight have to be readable behind the last.
struct SpecialBytes {
  private let bytes: UnsafePointer<UInt8>
  private let delimiters: UInt64
  private let quotes: UInt64
  /// Where the eight bytes of `mask` start.
  private var base: Int
  /// The high bit of each of them that is special and has not been handed out.
  private var mask: UInt64
  /// All bytes that were looked at, over each other.
  private var seen: UInt64

  @inline(__always)
  init(in bytes: UnsafePointer<UInt8>, from start: Int, delimiter: UInt8, quote: UInt8) {
    self.bytes = bytes
    delimiters = 0x0101_0101_0101_0101 &* UInt64(delimiter)
    quotes = 0x0101_0101_0101_0101 &* UInt64(quote)
    base = start
    mask = 0
    seen = 0
    look()
  }

  /// Whether all bytes up to the last that was handed out are ASCII; some that are not may be found beyond it.
  @inline(__always)
  var isASCII: Bool { seen & 0x8080_8080_8080_8080 == 0 }

  /// The next special byte.
  @inline(__always)
  mutating func next() -> Int {
    while mask == 0 {
      base &+= 8
      look()
    }
    let place = base &+ mask.trailingZeroBitCount &>> 3
    mask &= mask &- 1
    return place
  }

  /// The next special byte that does not stand before `place`.
  @inline(__always)
  mutating func next(from place: Int) -> Int {
    var found = next()
    while found < place { found = next() }
    return found
  }

  @inline(__always)
  private mutating func look() {
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    let eight = UnsafeRawPointer(bytes + base).loadUnaligned(as: UInt64.self)
    seen |= eight
    let atDelimiter = eight ^ delimiters
    let atQuote = eight ^ quotes
    let atBackslash = eight ^ 0x5C5C_5C5C_5C5C_5C5C
    // Zero for control characters, as they have none of the three high bits.
    let aboveControls = eight & 0xE0E0_E0E0_E0E0_E0E0
    // The high bit of each byte that is not zero: exact, as no sum reaches into the next byte.
    let others =
      ((atDelimiter & low) &+ low | atDelimiter) & ((atQuote & low) &+ low | atQuote)
      & ((atBackslash & low) &+ low | atBackslash) & ((aboveControls & low) &+ low | aboveControls)
    mask = ~others & ~low
  }
}
