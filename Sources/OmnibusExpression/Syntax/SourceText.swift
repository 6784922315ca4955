/// The text of an expression, to tell places by line and column.
struct SourceText: Sendable {
  let bytes: [UInt8]

  init(_ text: String) { bytes = Array(text.utf8) }

  /// Line and column, both from 1, of the byte at `offset`; columns count Unicode scalars.
  func place(_ offset: Int) -> (line: Int, column: Int) {
    var line = 1
    var column = 1
    for byte in bytes.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return (line, column)
  }

  /// The text of `span`.
  func text(_ span: Span) -> String { String(decoding: bytes[span.start..<span.end], as: UTF8.self) }

  /// A problem at `span`.
  func problem(_ code: String, _ message: String, at span: Span, help: String? = nil) -> ExpressionError.Problem {
    let place = place(span.start)
    return ExpressionError.Problem(
      code: code, message: message, help: help, range: span.start..<max(span.start, span.end), line: place.line,
      column: place.column)
  }
}
