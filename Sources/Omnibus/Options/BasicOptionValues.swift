extension Int: OptionValue {
  /// `10`.
  public static var shape: OptionShape { .scalar("whole number", example: "10", form: .wholeNumber) }

  /// Reads decimal digits with an optional minus.
  public static func decode(_ node: Node, in scope: LoadScope) -> Int? {
    scalar(node, in: scope) { Int($0) }
  }
}

extension Double: OptionValue {
  /// `0.5`.
  public static var shape: OptionShape { .scalar("number", example: "0.5", form: .number) }

  /// Reads a finite decimal number.
  public static func decode(_ node: Node, in scope: LoadScope) -> Double? {
    scalar(node, in: scope) { Double($0).flatMap { $0.isFinite ? $0 : nil } }
  }
}

extension Bool: OptionValue {
  /// `true` or `false`; YAML 1.1's `yes` and `on` are not taken.
  public static var shape: OptionShape { .oneOf(["true", "false"]) }

  /// Reads `true` or `false`.
  public static func decode(_ node: Node, in scope: LoadScope) -> Bool? {
    scalar(node, in: scope) { Bool($0) }
  }
}

extension String: OptionValue {
  /// Any text.
  public static var shape: OptionShape { .scalar("string", example: "\"text\"") }

  /// Reads text that is fixed when the route is loaded.
  public static func decode(_ node: Node, in scope: LoadScope) -> String? {
    guard let text = scope.text(node) else {
      if node.text == nil || node.isNull { scope.reportMistyped(node, expected: shape) }
      return nil
    }
    if let written = node.text, SettingReferences.holdsExpression(written) {
      scope.report(
        "expression-not-allowed", at: node.location,
        "\(scope.subject) is fixed when the route is loaded and cannot hold an expression",
        help: "write ${env:NAME}, ${file:PATH}, or $${ for a literal ${")
      return nil
    }
    return text.contains("$${") ? text.replacing("$${", with: "${") : text
  }
}

extension Optional: OptionValue where Wrapped: OptionValue {
  /// That of the value.
  public static var shape: OptionShape { Wrapped.shape }

  /// Reads the value; an option that is absent is nil by its default.
  public static func decode(_ node: Node, in scope: LoadScope) -> Wrapped?? {
    Wrapped.decode(node, in: scope).map { .some($0) }
  }
}

extension Array: OptionValue where Element: OptionValue {
  /// A list.
  public static var shape: OptionShape { .list(Element.shape) }

  /// Reads each element, and reports all that are wrong.
  public static func decode(_ node: Node, in scope: LoadScope) -> [Element]? {
    guard let elements = node.elements else {
      scope.reportMistyped(node, expected: shape)
      return nil
    }
    let values = elements.map { Element.decode($0, in: scope) }
    return values.contains { $0 == nil } ? nil : values.compactMap { $0 }
  }
}

/// A map with any keys, in the order in which they are written.
public struct OptionMap<Element: OptionValue>: OptionValue {
  /// The entries; keys are unique.
  public let entries: [(key: String, value: Element)]

  /// A map of `entries`.
  public init(_ entries: [(key: String, value: Element)] = []) { self.entries = entries }

  /// A map.
  public static var shape: OptionShape { .map(Element.shape) }

  /// Reads each entry, and reports all that are wrong.
  public static func decode(_ node: Node, in scope: LoadScope) -> OptionMap? {
    guard let entries = node.entries else {
      scope.reportMistyped(node, expected: shape)
      return nil
    }
    let problems = scope.problemCount
    let read = entries.compactMap { entry -> (key: String, value: Element)? in
      guard let key = entry.key.text else { return nil }
      return scope.within(key) { Element.decode(entry.value, in: scope) }.map { (key, $0) }
    }
    return scope.problemCount == problems ? OptionMap(read) : nil
  }
}

/// Words that an option can have: `enum Order: String, OptionEnum { case name, modified }`.
public protocol OptionEnum: OptionValue, RawRepresentable, CaseIterable, CustomStringConvertible
where RawValue == String {}

extension OptionEnum {
  /// The words.
  public static var shape: OptionShape { .oneOf(allCases.map(\.rawValue)) }

  /// The word.
  public var description: String { rawValue }

  /// Reads one of the words.
  public static func decode(_ node: Node, in scope: LoadScope) -> Self? {
    guard let text = scope.text(node) else {
      if node.text == nil || node.isNull { scope.reportMistyped(node, expected: shape) }
      return nil
    }
    if let value = Self(rawValue: text) { return value }
    let words = allCases.map(\.rawValue)
    let nearest = NearestName.of(text, among: words)
    scope.report(
      "mistyped-option", at: node.location,
      "\(scope.subject) takes \(shape.summary), found \(node.kindName)"
        + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""))
    return nil
  }
}

/// A text that is never shown: a password, a token.
public struct Secret: OptionValue {
  /// The text. Goes where it is needed, and into no log, error or description.
  public let reveal: String

  /// A secret.
  public init(_ text: String) { reveal = text }

  /// `"${env:NAME}"`.
  public static var shape: OptionShape { .scalar("secret", example: "\"${env:NAME}\"", form: .secret) }

  /// Reads a reference, `${env:NAME}` or `${file:PATH}` and nothing else: a secret that stands in a route is none.
  public static func decode(_ node: Node, in scope: LoadScope) -> Secret? {
    if let text = node.text, !node.isNull, !SettingReferences.isReference(text) {
      scope.report(
        "literal-secret", at: node.location, "\(scope.subject) is a secret, and must not stand in a file of routes",
        help: "write \"${env:NAME}\" or \"${file:PATH}\"")
      return nil
    }
    return String.decode(node, in: scope).map(Secret.init)
  }
}

extension Block: OptionValue {
  /// A list of steps.
  public static var shape: OptionShape { .steps }

  /// Builds the steps.
  public static func decode(_ node: Node, in scope: LoadScope) -> Block? { scope.block(node) }
}

private func scalar<Value: OptionValue>(_ node: Node, in scope: LoadScope, _ read: (String) -> Value?) -> Value? {
  let problems = scope.problemCount
  if let value = scope.text(node).flatMap(read) { return value }
  if scope.problemCount == problems { scope.reportMistyped(node, expected: Value.shape) }
  return nil
}

extension OptionShape {
  /// An example of what to write.
  public var exampleText: String {
    switch self {
    case .scalar(_, let example, _): example
    case .oneOf(let words): words.first ?? "…"
    case .list(let element): "[\(element.exampleText)]"
    case .map: "{ name: … }"
    case .fields(let fields), .using(_, let fields):
      fields.first.map { "{ \($0.name): \($0.shape.exampleText) }" } ?? "{}"
    case .expression(_, let example): example
    case .template: "\"${ body.id }\""
    case .steps: "[…]"
    case .either(let shapes): shapes.first?.exampleText ?? "…"
    }
  }
}
