/// How a field is filled up to the width of its column.
struct Padding: Sendable {
  /// What fills it: an ASCII character.
  var character = UInt8(ascii: " ")
  /// Whether it stands in front of the text.
  var isInFront = false
  /// Whether what fills it is dropped in front of the text when it is read.
  var trimsFront = false
  /// Whether it is dropped behind it.
  var trimsBack = true

  /// Appends `text`, which has `count` characters, filled up to `width` characters. Zeros stand behind a sign.
  func append(_ text: [UInt8], count: Int, width: Int, isNumber: Bool, to bytes: inout [UInt8]) {
    // A number that is absent is not zero.
    let filler = text.isEmpty && isNumber ? UInt8(ascii: " ") : character
    let fill = repeatElement(filler, count: max(0, width - count))
    guard isInFront else {
      bytes.append(contentsOf: text)
      bytes.append(contentsOf: fill)
      return
    }
    let hasSign = filler == UInt8(ascii: "0") && (text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+"))
    if hasSign, isNumber { bytes.append(text[0]) }
    bytes.append(contentsOf: fill)
    bytes.append(contentsOf: hasSign && isNumber ? text.dropFirst() : text[...])
  }
}
