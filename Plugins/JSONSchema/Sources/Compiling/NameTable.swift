/// Names with what each stands for, found by a hash that no name can make slow: the names of the table are the schema's.
struct NameTable {
  struct Entry {
    /// Where the name stands among the program's names.
    let offset: Int32
    let length: Int32
    /// What the value under the name must be; -1 where nothing is said of it.
    var node: Int32
    /// Whether the keyword `properties` has it.
    var isProperty: Bool
    var isRequired: Bool
  }

  /// Where the slots begin among the program's slots, and how many there are less one.
  let slots: Int32
  let mask: Int32
  /// Where the entries begin among the program's entries, and how many there are.
  let entries: Int32
  let count: Int32

  /// A hash of a text behind which eight bytes can be read.
  @inline(__always)
  static func hash(_ text: UnsafePointer<UInt8>, _ length: Int) -> UInt32 {
    let start = UnsafeRawPointer(text)
    var first = start.loadUnaligned(as: UInt64.self)
    var last: UInt64 = 0
    if length < 8 {
      first &= (1 &<< UInt64(length &* 8)) &- 1
    } else {
      last = (start + (length &- 8)).loadUnaligned(as: UInt64.self)
    }
    var hash = (first ^ UInt64(truncatingIfNeeded: length)) &* 0x9e37_79b9_7f4a_7c15
    hash = (hash ^ (hash &>> 29) ^ last) &* 0xbf58_476d_1ce4_e5b9
    return UInt32(truncatingIfNeeded: hash &>> 32)
  }
}
