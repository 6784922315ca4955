/// What holds when an option is not written, as reference pages show it.
public struct OptionDefault: Sendable, ExpressibleByStringLiteral {
  let text: String
  /// Whether the text describes the default, and is not how it would be written.
  let isProse: Bool

  /// A description: `"those of the system"`.
  public init(stringLiteral text: String) { self.init(text: text, isProse: true) }

  private init(text: String, isProse: Bool) {
    self.text = text
    self.isProse = isProse
  }

  /// A value as it would be written, where the default itself does not say it.
  public static func code(_ text: String) -> OptionDefault { OptionDefault(text: text, isProse: false) }
}
