/// Tells, without looking at earlier names again, that the names of an object are surely all different.
struct JSONNameFilter {
  private var seen: UInt64 = 0
  /// Whether two names may be equal.
  private(set) var mayRepeat = false

  /// Takes note of a name; up to eight bytes behind it can be read.
  @inline(__always)
  mutating func insert(_ name: UnsafePointer<UInt8>, length: Int, hasEscapes: Bool) {
    let start = UnsafeRawPointer(name)
    let hash: UInt64
    if length >= 8 {
      let first = start.loadUnaligned(as: UInt64.self)
      let last = (start + (length &- 8)).loadUnaligned(as: UInt64.self)
      hash = (first &* 0x9E37_79B9_7F4A_7C15) ^ last
    } else {
      hash = start.loadUnaligned(as: UInt64.self) & ((1 &<< UInt64(length &* 8)) &- 1)
    }
    let bit: UInt64 = 1 &<< ((hash ^ UInt64(length)) &* 0x9E37_79B9_7F4A_7C15 &>> 58)
    if seen & bit != 0 || hasEscapes { mayRepeat = true }
    seen |= bit
  }
}
