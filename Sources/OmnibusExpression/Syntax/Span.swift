/// A stretch of an expression's text, in bytes of its UTF-8 form.
struct Span: Sendable, Equatable {
  /// The first byte, from 0.
  var start: Int
  /// The byte after the last one.
  var end: Int

  init(_ start: Int, _ end: Int) {
    self.start = start
    self.end = end
  }

  /// From the start of this one to the end of `other`.
  func through(_ other: Span) -> Span { Span(start, max(end, other.end)) }
}
