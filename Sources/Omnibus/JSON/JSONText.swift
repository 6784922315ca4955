/// A JSON text (RFC 8259) with an index over it, in one allocation: the tape's words, the bytes, eight zero bytes.
///
/// A word holds kind (4 bits), length or count (28) and offset or the tape index of the next sibling (32). Containers
/// take two words; the second holds the byte offsets of their start (low half) and end (high half). A string whose kind
/// is 6 holds escapes.
// @unchecked: the memory is written before `init` returns and never again.
public final class JSONText: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer
  let words: Int
  /// The length of the text in bytes.
  public let byteCount: Int

  var tape: UnsafePointer<UInt64> { UnsafePointer(base.assumingMemoryBound(to: UInt64.self)) }
  var bytes: UnsafePointer<UInt8> { UnsafePointer((base + words * 8).assumingMemoryBound(to: UInt8.self)) }

  init(base: UnsafeMutableRawPointer, words: Int, byteCount: Int) {
    self.base = base
    self.words = words
    self.byteCount = byteCount
  }

  deinit { base.deallocate() }

  /// The whole value.
  public var root: JSONNode { JSONNode(text: self, index: 0) }

  // MARK: reading the tape

  func kind(at index: Int) -> JSONNode.Kind {
    let kind = UInt8(truncatingIfNeeded: tape[index] >> 60)
    return JSONNode.Kind(rawValue: kind == 6 ? 5 : kind) ?? .null
  }

  func count(at index: Int) -> Int {
    let word = tape[index]
    return word >> 60 >= 7 ? Int(word >> 32 & 0xFFF_FFFF) : 0
  }

  /// The index after the value at `index`.
  func next(after index: Int) -> Int {
    let word = tape[index]
    return word >> 60 >= 7 ? Int(word & 0xFFFF_FFFF) : index + 1
  }

  func source(at index: Int) -> UnsafeBufferPointer<UInt8> {
    let word = tape[index]
    if word >> 60 >= 7 {
      let range = tape[index + 1]
      let start = Int(range & 0xFFFF_FFFF)
      return UnsafeBufferPointer(start: bytes + start, count: Int(range >> 32) - start)
    }
    let offset = Int(word & 0xFFFF_FFFF)
    let length = Int(word >> 32 & 0xFFF_FFFF)
    let isString = word >> 60 == 5 || word >> 60 == 6
    return UnsafeBufferPointer(start: bytes + (isString ? offset - 1 : offset), count: isString ? length + 2 : length)
  }

  func string(at index: Int) -> String {
    let word = tape[index]
    let raw = UnsafeBufferPointer(start: bytes + Int(word & 0xFFFF_FFFF), count: Int(word >> 32 & 0xFFF_FFFF))
    return word >> 60 == 6 ? JSONEscapes.decode(raw) : String(decoding: raw, as: UTF8.self)
  }

  func member(_ name: UnsafeBufferPointer<UInt8>, at index: Int) -> Int? {
    guard kind(at: index) == .object else { return nil }
    var found: Int?
    let end = next(after: index)
    var key = index + 2
    while key < end {
      let value = key + 1
      if isName(name, at: key) { found = value }
      key = next(after: value)
    }
    return found
  }

  private func isName(_ name: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
    let word = tape[index]
    if word >> 60 == 6 { return string(at: index).utf8.elementsEqual(name) }
    let length = Int(word >> 32 & 0xFFF_FFFF)
    guard length == name.count else { return false }
    let start = bytes + Int(word & 0xFFFF_FFFF)
    for offset in 0..<length where start[offset] != name[offset] { return false }
    return true
  }

  func element(_ place: Int, at index: Int) -> Int? {
    guard kind(at: index) == .array, place >= 0, place < count(at: index) else { return nil }
    var element = index + 2
    for _ in 0..<place { element = next(after: element) }
    return element
  }

  func forEachMember(at index: Int, _ body: (_ key: Int, _ value: Int) throws -> Void) rethrows {
    guard kind(at: index) == .object else { return }
    let end = next(after: index)
    var key = index + 2
    while key < end {
      try body(key, key + 1)
      key = next(after: key + 1)
    }
  }

  func forEachElement(at index: Int, _ body: (Int) throws -> Void) rethrows {
    guard kind(at: index) == .array else { return }
    let end = next(after: index)
    var element = index + 2
    while element < end {
      try body(element)
      element = next(after: element)
    }
  }
}
