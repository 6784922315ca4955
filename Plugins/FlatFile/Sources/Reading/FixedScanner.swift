/// Finds one row of a file in fixed width: a line, or as many characters as each record has.
///
/// The bytes are followed by sixteen zero bytes, so eight can be looked at from any of them.
struct FixedScanner {
  private let blockWidth: Int?

  init(_ dialect: Dialect) { blockWidth = dialect.blockWidth }

  /// Reads the row that starts at `start`, in bytes that end at `end` and are all that comes where `isComplete`.
  func scan(
    _ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, isComplete: Bool, fields: inout FieldList
  ) -> RecordScanner.Outcome {
    fields.removeAll()
    if let blockWidth { return block(blockWidth, bytes, from: start, to: end, isComplete: isComplete, fields: &fields) }
    var marks = Marks()
    var place = start
    while true {
      let found = marks.look(at: bytes + place)
      place &+= found
      if place >= end { break }
      if found == 8 { continue }
      if bytes[place] == UInt8(ascii: "\n") || bytes[place] == UInt8(ascii: "\r") { break }
      marks.isPlain = false
      place &+= 1
    }
    place = min(place, end)
    guard place < end || isComplete else { return .incomplete }
    let isPair = place < end && bytes[place] == UInt8(ascii: "\r") && bytes[place + 1] == UInt8(ascii: "\n")
    // A line feed may be the next byte that comes.
    if place + 1 == end, bytes[place] == UInt8(ascii: "\r"), !isComplete { return .incomplete }
    take(bytes, from: start, to: place, isPlain: marks.isPlain, fields: &fields)
    return .record(next: min(place + (isPair ? 2 : 1), end))
  }

  private func block(
    _ width: Int, _ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, isComplete: Bool,
    fields: inout FieldList
  ) -> RecordScanner.Outcome {
    var place = start
    var count = 0
    while count < width, place < end {
      place += 1
      while place < end, bytes[place] & 0xC0 == 0x80 { place += 1 }
      count += 1
    }
    // The last character is whole when another has begun behind it, or it is ASCII.
    let isWhole = count == width && (place < end || bytes[place - 1] < 0x80)
    guard isWhole || isComplete else { return .incomplete }
    take(bytes, from: start, to: place, isPlain: false, fields: &fields)
    return .record(next: place)
  }

  private func take(
    _ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, isPlain: Bool, fields: inout FieldList
  ) {
    fields.append(FieldList.Field(start: start, end: end, isQuoted: false, hasEscapes: false, isPlain: isPlain))
    var seen: UInt8 = 0
    for place in start..<end { seen |= bytes[place] }
    fields.isASCII = seen < 0x80
    if !fields.isASCII { fields.indexCharacters(of: bytes) }
  }
}

/// What was seen of a line so far.
private struct Marks {
  /// Whether there is nothing that JSON has escaped.
  var isPlain = true

  /// How many of the eight bytes at `bytes` stand before the first control character: 8 where there is none.
  @inline(__always)
  mutating func look(at bytes: UnsafePointer<UInt8>) -> Int {
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    let eight = UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self)
    let atQuote = eight ^ 0x2222_2222_2222_2222
    let atBackslash = eight ^ 0x5C5C_5C5C_5C5C_5C5C
    // Zero for control characters, as they have none of the three high bits.
    let aboveControls = eight & 0xE0E0_E0E0_E0E0_E0E0
    let escaped =
      ~(((atQuote & low) &+ low | atQuote) & ((atBackslash & low) &+ low | atBackslash)) & ~low
    let controls = ~((aboveControls & low) &+ low | aboveControls) & ~low
    // What is escaped behind the end of the line counts too, which costs speed on the next line only.
    if escaped != 0 { isPlain = false }
    return controls.trailingZeroBitCount &>> 3
  }
}
