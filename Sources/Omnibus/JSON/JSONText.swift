internal import Glibc

/// A JSON text (RFC 8259) with an index over it, in one allocation: the bytes, eight zero bytes, the tape's words.
///
/// A word holds kind (4 bits), length or count (28) and offset or the tape index of the next sibling (32). Containers
/// take two words; the second holds the byte offsets of their start (low half) and end (high half). A string whose kind
/// is 6 holds escapes. The names of an object are unique on the tape: of members with one name only the last is there.
public final class JSONText: @unchecked Sendable {  // @unchecked: the memory is written before `init` and never again
  let bytes: UnsafePointer<UInt8>
  let tape: UnsafePointer<UInt64>
  /// The length of the text in bytes.
  public let byteCount: Int

  /// Takes over memory of `malloc` that holds bytes and tape.
  init(bytes: UnsafePointer<UInt8>, byteCount: Int, tape: UnsafePointer<UInt64>) {
    self.bytes = bytes
    self.byteCount = byteCount
    self.tape = tape
  }

  deinit { free(UnsafeMutableRawPointer(mutating: bytes)) }

  /// The whole value.
  public var root: JSONNode { JSONNode(text: self, index: 0) }

  /// Hands all of the text to `body`, white space around the value included.
  public func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
    try body(UnsafeBufferPointer(start: bytes, count: byteCount))
  }

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
    guard tape[index] >> 60 == 8 else { return nil }
    let end = next(after: index)
    var key = index + 2
    while key < end {
      if isName(name, at: key) { return key + 1 }
      key = next(after: key + 1)
    }
    return nil
  }

  private func isName(_ name: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
    let word = tape[index]
    if word >> 60 == 6 { return string(at: index).utf8.elementsEqual(name) }
    guard Int(word >> 32 & 0xFFF_FFFF) == name.count else { return false }
    guard let start = name.baseAddress else { return true }
    return memcmp(bytes + Int(word & 0xFFFF_FFFF), start, name.count) == 0
  }

  func element(_ place: Int, at index: Int) -> Int? {
    guard tape[index] >> 60 == 7, place >= 0, place < count(at: index) else { return nil }
    var element = index + 2
    for _ in 0..<place { element = next(after: element) }
    return element
  }

  func forEachMember(at index: Int, _ body: (_ key: Int, _ value: Int) throws -> Void) rethrows {
    guard tape[index] >> 60 == 8 else { return }
    let end = next(after: index)
    var key = index + 2
    while key < end {
      try body(key, key + 1)
      key = next(after: key + 1)
    }
  }

  func forEachElement(at index: Int, _ body: (Int) throws -> Void) rethrows {
    guard tape[index] >> 60 == 7 else { return }
    let end = next(after: index)
    var element = index + 2
    while element < end {
      try body(element)
      element = next(after: element)
    }
  }
}
