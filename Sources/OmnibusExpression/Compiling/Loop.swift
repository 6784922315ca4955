import Omnibus

/// Goes over the elements of a list or the keys of a map for a macro.
struct Loop: Sendable {
  private let range: Evaluate
  private let first: Int
  private let second: Int?
  private let span: Span

  init(_ macro: Checked.Comprehension, _ span: Span, _ compiler: Compiler) {
    range = compiler.evaluate(macro.range)
    first = macro.first
    second = macro.second
    self.span = span
  }

  /// Calls `body` for each element, with the macro's variables set, until it answers false.
  func run(_ frame: inout Frame, _ body: (inout Frame) throws(Fault) -> Bool) throws(Fault) {
    let range = try range(&frame)
    if let elements = range.elements {
      for (place, element) in elements.enumerated() {
        try frame.charge(1)
        if let second {
          frame.locals[first] = .int(Int64(place))
          frame.locals[second] = element
        } else {
          frame.locals[first] = element
        }
        guard try body(&frame) else { return }
      }
    } else if let members = range.members {
      for (key, value) in members {
        try frame.charge(1)
        frame.locals[first] = key
        if let second { frame.locals[second] = value }
        guard try body(&frame) else { return }
      }
    } else {
      throw Fault("no such overload: a list or a map was expected, found \(range.typeName)", at: span)
    }
  }
}
