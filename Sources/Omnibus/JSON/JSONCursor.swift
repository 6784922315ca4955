/// A place in an indexed JSON text that holds no reference to it: for expressions, which read many places while one
/// reference keeps the text alive. Using it after the text is gone is undefined.
package struct JSONCursor {
  private unowned(unsafe) let text: JSONText
  private let index: Int

  /// The place of `node`, whose text must outlive the cursor.
  package init(_ node: JSONNode) {
    text = node.text
    index = node.index
  }

  private init(_ text: JSONText, _ index: Int) {
    self.text = text
    self.index = index
  }

  /// What sort of value stands here.
  package var kind: JSONNode.Kind { text.kind(at: index) }

  /// Elements of an array, names of an object, 0 for any other.
  package var count: Int { text.count(at: index) }

  /// The same place, holding the text.
  package var node: JSONNode { JSONNode(text: text, index: index) }

  /// The member with the UTF-8 name `name` of an object; nil otherwise.
  package func member(_ name: UnsafeBufferPointer<UInt8>) -> JSONCursor? {
    text.member(name, at: index).map { JSONCursor(text, $0) }
  }

  /// The element at `place` of an array; nil otherwise.
  package func element(_ place: Int) -> JSONCursor? {
    text.element(place, at: index).map { JSONCursor(text, $0) }
  }

  /// Hands the UTF-8 of a string to `body`, which makes no String where nothing is escaped; nil for other kinds.
  package func withString<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
    guard kind == .string else { return nil }
    let source = text.source(at: index)
    guard text.tape[index] >> 60 == 6 else {
      return body(UnsafeBufferPointer(rebasing: source[1..<source.count - 1]))
    }
    var string = text.string(at: index)
    return string.withUTF8(body)
  }

  /// The whole number, where one stands here and fits.
  package var int: Int64? {
    guard kind == .integer else { return nil }
    let source = text.source(at: index)
    guard source.count < 19 else { return Int64(String(decoding: source, as: UTF8.self)) }
    let isNegative = source[0] == UInt8(ascii: "-")
    var value: Int64 = 0
    for digit in source[(isNegative ? 1 : 0)...] { value = value &* 10 &+ Int64(digit &- 0x30) }
    return isNegative ? -value : value
  }
}
