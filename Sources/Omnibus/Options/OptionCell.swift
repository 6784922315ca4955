/// What holds one option's value, with what it was declared with, whatever its type.
// @unchecked: written by `decode` only, before the options are handed to their component.
class OptionCell: @unchecked Sendable {
  let name: String?
  let help: String
  let isRequired: Bool

  init(name: String?, help: String, isRequired: Bool) {
    self.name = name
    self.help = help
    self.isRequired = isRequired
  }

  var shape: OptionShape { .fields([]) }

  /// The option as it is described; for options that were not decoded, whose values are their defaults.
  func field(named name: String) -> OptionField {
    OptionField(name: name, shape: shape, help: help, defaultText: nil, isRequired: isRequired)
  }

  /// Reads the value; false after a report.
  func decode(_ node: Node, named name: String, in scope: LoadScope) -> Bool { false }
}

/// The cell of an option of a type. What is only for descriptions is worked out when it is asked for.
// @unchecked: as `OptionCell`.
final class TypedOptionCell<Value: OptionValue>: OptionCell, @unchecked Sendable {
  var value: Value?
  private let defaultText: OptionDefault?
  private let range: OptionRange<Value>?
  private let check: (@Sendable (Value) -> String?)?

  init(
    _ value: Value?, name: String?, help: String, default text: OptionDefault?, range: OptionRange<Value>? = nil,
    check: (@Sendable (Value) -> String?)?
  ) {
    self.value = value
    defaultText = text
    self.range = range
    self.check = check
    super.init(name: name, help: help, isRequired: value == nil)
  }

  override var shape: OptionShape { Value.shape }

  override func field(named name: String) -> OptionField {
    let text = defaultText ?? value.flatMap(writtenOption).map(OptionDefault.code)
    return OptionField(
      name: name, shape: shape, help: help, defaultText: text?.text, isRequired: isRequired, rangeText: range?.text(),
      bounds: range?.bounds(), isDefaultProse: text?.isProse ?? false)
  }

  override func decode(_ node: Node, named name: String, in scope: LoadScope) -> Bool {
    guard let value = scope.within(name, { Value.decode(node, in: scope) }) else { return false }
    if let problem = range.flatMap({ $0.contains(value) ? nil : "is out of range" }) ?? check?(value) {
      scope.report(
        "invalid-option", at: node.location, "\(scope.subject): \(name) \(problem)",
        help: range.map { "write a value from \($0.text())" })
      return false
    }
    self.value = value
    return true
  }
}

/// The bounds of an option.
struct OptionRange<Value: OptionValue>: Sendable {
  let contains: @Sendable (Value) -> Bool
  /// In words.
  let text: @Sendable () -> String
  /// As numbers; nil for those of other values.
  let bounds: @Sendable () -> ClosedRange<Double>?

  init(_ range: ClosedRange<Value>) where Value: Comparable {
    contains = { range.contains($0) }
    text = { "\(writtenOption(range.lowerBound) ?? "") to \(writtenOption(range.upperBound) ?? "")" }
    bounds = {
      switch range {
      case let range as ClosedRange<Int>: Double(range.lowerBound)...Double(range.upperBound)
      case let range as ClosedRange<Double>: range
      default: nil
      }
    }
  }
}

/// A value as it would be written; nil for absent ones and those that are lists of structures.
private func writtenOption(_ value: some OptionValue) -> String? {
  switch value {
  case let value as Duration: value.text
  case let value as any CustomStringConvertible: value.description
  case is any Options: "{}"
  default: nil
  }
}
