internal import Glibc

/// The bytes and the tape of an indexed JSON text, without a reference to it: for what walks over all of a document, such
/// as validation. Using it after the text is gone is undefined. A value is known by the index of its first word.
package struct JSONTapeView {
  /// The text, with eight zero bytes behind it.
  package let bytes: UnsafePointer<UInt8>
  private let words: UnsafePointer<UInt64>

  /// The view over `text`, which must outlive it.
  package init(_ text: JSONText) {
    bytes = text.bytes
    words = text.tape
  }

  /// The word's kind as it stands on the tape: that of `JSONNode.Kind`, and 6 for a string with escapes.
  @inline(__always)
  package func rawKind(_ index: Int) -> Int { Int(truncatingIfNeeded: words[index] >> 60) }

  /// Elements of an array, names of an object; the length in bytes of a scalar, without a string's quotes.
  @inline(__always)
  package func count(_ index: Int) -> Int { Int(truncatingIfNeeded: words[index] >> 32 & 0xFFF_FFFF) }

  /// The index after the value.
  @inline(__always)
  package func next(_ index: Int) -> Int {
    let word = words[index]
    return word >> 60 >= 7 ? Int(truncatingIfNeeded: word & 0xFFFF_FFFF) : index &+ 1
  }

  /// The index of the first element or name of a container.
  @inline(__always)
  package func first(_ index: Int) -> Int { index &+ 2 }

  /// The index after the last word of a container.
  @inline(__always)
  package func end(_ index: Int) -> Int { Int(truncatingIfNeeded: words[index] & 0xFFFF_FFFF) }

  /// The bytes of a scalar, without a string's quotes and with its escapes.
  @inline(__always)
  package func raw(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: bytes + Int(truncatingIfNeeded: words[index] & 0xFFFF_FFFF), count: count(index))
  }

  /// The string, with its escapes resolved.
  package func string(_ index: Int) -> String {
    rawKind(index) == 6 ? JSONEscapes.decode(raw(index)) : String(decoding: raw(index), as: UTF8.self)
  }

  /// The place of the value's first byte in the text.
  package func offset(_ index: Int) -> Int {
    switch rawKind(index) {
    case 7, 8: Int(words[index + 1] & 0xFFFF_FFFF)
    case 5, 6: Int(words[index] & 0xFFFF_FFFF) - 1
    default: Int(words[index] & 0xFFFF_FFFF)
    }
  }

  /// The value of the member `name` of an object; nil otherwise.
  package func member(_ name: UnsafeBufferPointer<UInt8>, of index: Int) -> Int? {
    guard rawKind(index) == 8 else { return nil }
    let end = end(index)
    var key = first(index)
    while key < end {
      if isString(key, name) { return key + 1 }
      key = next(key + 1)
    }
    return nil
  }

  /// Whether the string at `index` is `text`.
  package func isString(_ index: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    if rawKind(index) == 6 { return string(index).utf8.elementsEqual(text) }
    let raw = raw(index)
    guard raw.count == text.count else { return false }
    guard let a = raw.baseAddress, let b = text.baseAddress else { return true }
    return memcmp(a, b, raw.count) == 0
  }

  /// Line and column of a byte of the text, from 1, the column in characters (Unicode scalars).
  package func place(ofByte offset: Int) -> (line: Int, column: Int) {
    var (line, column) = (1, 1)
    for byte in UnsafeBufferPointer(start: bytes, count: offset) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return (line, column)
  }
}

extension JSONNode {
  /// The index of its first word on the tape.
  package var tapeIndex: Int { index }

  /// The value at a word of the tape of `text`.
  package init(_ text: JSONText, tapeIndex: Int) {
    self.text = text
    index = tapeIndex
  }
}
