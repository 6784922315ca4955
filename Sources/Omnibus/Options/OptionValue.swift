/// A type that an option can have: how it is read from YAML, and how it is described.
public protocol OptionValue: Sendable {
  /// What can be written, for reference pages, editors and error messages.
  static var shape: OptionShape { get }

  /// Reads the value, or reports why it cannot be read and answers nil.
  static func decode(_ node: Node, in scope: LoadScope) -> Self?
}

/// What can be written as the value of an option.
public indirect enum OptionShape: Sendable {
  /// A scalar, named by its type with an example: `duration`, `10s`.
  case scalar(String, example: String, form: ScalarForm = .fixedText)
  /// One of some words.
  case oneOf([String])
  case list(OptionShape)
  /// A map with any keys.
  case map(OptionShape)
  /// A map with known keys.
  case fields([OptionField])
  /// A map with known keys that may also name one component of a role, with its options.
  case using(Component.Role, [OptionField])
  /// An expression in CEL with the given result, `true or false` or `any value`, and an example of it.
  case expression(result: String, example: String)
  /// Literal YAML with `${ expression }` in its strings.
  case template
  /// A list of steps.
  case steps
  /// Either of several shapes.
  case either([OptionShape])

  /// What is expected, in words: `a duration such as 10s`.
  public var summary: String {
    switch self {
    case .scalar(let name, let example, _): "\(article(name)) \(name) such as \(example)"
    case .oneOf(let words): words.count == 1 ? words[0] : "one of \(words.joined(separator: ", "))"
    case .list(let element): "a list, each \(element.summary)"
    case .map(let value): "a map of names to values, each \(value.summary)"
    case .fields, .using: "a map of options"
    case .expression(let result, _): "an expression (\(result))"
    case .template: "a value, with ${ expression } in its strings"
    case .steps: "a list of steps"
    case .either(let shapes): shapes.map(\.summary).joined(separator: ", or ")
    }
  }

  private func article(_ name: String) -> String { "aeiou".contains(name.first ?? "x") ? "an" : "a" }
}

/// How a scalar is written, for editors. In every form but `secret` a reference to a setting may stand for it.
public enum ScalarForm: Sendable, Equatable {
  /// A text that may hold `${ expression }`.
  case text
  /// A text that is fixed when the route is loaded: it holds no expression.
  case fixedText
  /// A reference, `${env:NAME}` or `${file:PATH}`, and nothing else.
  case secret
  case wholeNumber
  case number
  /// A text that matches a regular expression, in the part of the syntax that ECMA-262 and RE2 share.
  case pattern(String)
}

/// One option of a component, as it is described.
public struct OptionField: Sendable {
  /// The key in YAML.
  public var name: String
  /// What can be written.
  public var shape: OptionShape
  /// What it is for.
  public var help: String
  /// What holds when it is not written, in words; nil when it must be written.
  public var defaultText: String?
  /// Whether it must be written.
  public var isRequired: Bool
  /// The bounds, in words.
  public var rangeText: String?
  /// The bounds of a number.
  public var bounds: ClosedRange<Double>?
  /// Whether `defaultText` describes the default, and is not how it would be written.
  public var isDefaultProse: Bool

  /// An option; components that read their own options describe them by it.
  public init(
    name: String, shape: OptionShape, help: String, defaultText: String?, isRequired: Bool, rangeText: String? = nil,
    bounds: ClosedRange<Double>? = nil, isDefaultProse: Bool = false
  ) {
    self.name = name
    self.shape = shape
    self.help = help
    self.defaultText = defaultText
    self.isRequired = isRequired
    self.rangeText = rangeText
    self.bounds = bounds
    self.isDefaultProse = isDefaultProse
  }
}
