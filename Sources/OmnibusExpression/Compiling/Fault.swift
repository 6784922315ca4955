/// Why an evaluation failed. What it says never holds a value of the message.
struct Fault: Error {
  /// What is wrong: lower case, no full stop.
  let reason: String
  /// The part of the expression that failed; nil until the call that failed fills it in.
  var span: Span?

  init(_ reason: String, at span: Span? = nil) {
    self.reason = reason
    self.span = span
  }

  /// The same, at `span` unless its place is known.
  func at(_ span: Span) -> Fault { self.span == nil ? Fault(reason, at: span) : self }

  /// The arguments are none that the function takes; the call says which it found.
  static let noSuchOverload = Fault("no such overload")
  static let overflow = Fault("the result does not fit its type (overflow)")
}
