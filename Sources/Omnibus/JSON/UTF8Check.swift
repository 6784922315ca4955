/// Whether bytes are UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
package enum UTF8Check {
  /// The offset of the first byte that cannot be UTF-8; nil when all are.
  package static func firstProblem(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let start = bytes.baseAddress else { return nil }
    let count = bytes.count
    var place = 0
    while place < count {
      if place &+ 8 <= count,
        UnsafeRawPointer(start + place).loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        place &+= 8
        continue
      }
      let length = sequenceLength(start + place, available: count &- place)
      if length == 0 { return place }
      place &+= length
    }
    return nil
  }

  /// The length of the sequence that starts at `byte`, 0 where none does.
  @inline(__always)
  private static func sequenceLength(_ byte: UnsafePointer<UInt8>, available: Int) -> Int {
    let first = byte[0]
    if first < 0x80 { return 1 }
    guard available >= 2, first >= 0xC2, byte[1] & 0xC0 == 0x80 else { return 0 }
    if first < 0xE0 { return 2 }
    guard available >= 3, byte[2] & 0xC0 == 0x80 else { return 0 }
    if first < 0xF0 {
      let isOverlong = first == 0xE0 && byte[1] < 0xA0
      let isSurrogate = first == 0xED && byte[1] >= 0xA0
      return isOverlong || isSurrogate ? 0 : 3
    }
    guard available >= 4, first < 0xF5, byte[3] & 0xC0 == 0x80 else { return 0 }
    let isOverlong = first == 0xF0 && byte[1] < 0x90
    let isTooHigh = first == 0xF4 && byte[1] >= 0x90
    return isOverlong || isTooHigh ? 0 : 4
  }
}
