/// A number kept as it was written in JSON (RFC 8259, 6), so that `1.00` stays `1.00`.
public struct ExactDecimal: Sendable {
  /// The text, by JSON's number grammar.
  public let text: String

  /// A number from text that is known to follow JSON's grammar.
  public init(unchecked text: String) { self.text = text }
}
