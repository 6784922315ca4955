/// The options of a component, declared once: a struct whose properties are `@Option`s. Decoding, diagnostics,
/// `omnibus describe` and the reference pages all come from it.
///
/// ```swift
/// struct RetryOptions: Options {
///   @Option(help: "how often to try, the first time counted", range: 1...1_000) var attempts: Int = 3
///   @Option(help: "what must be there") var url: String   // no default: required
/// }
/// ```
public protocol Options: OptionValue {
  /// Options with their defaults.
  init()

  /// Reports what single options cannot see, such as two that exclude each other.
  func validate(_ node: Node, in scope: LoadScope)
}

extension Options {
  /// Nothing more to check.
  public func validate(_ node: Node, in scope: LoadScope) {}

  /// The options in the order of their declaration.
  public static var shape: OptionShape { .fields(Self().declared.map { $0.option.field(named: $0.name) }) }

  /// Reads a map of options, and reports unknown, missing and mistyped ones.
  public static func decode(_ node: Node, in scope: LoadScope) -> Self? {
    let options = Self()
    let declared = options.declared
    guard let entries = node.isNull ? [] : node.entries else {
      scope.report(
        "mistyped-option", at: node.location, "\(scope.subject) takes a map of options, found \(node.kindName)",
        help: declared.isEmpty ? "write {}" : "write { \(declared[0].name): … }")
      return nil
    }
    var isComplete = true
    var misspelt: Set<String> = []
    for (key, value) in entries {
      guard let name = key.text, let match = declared.first(where: { $0.name == name }) else {
        if let meant = scope.reportUnknown("option", key, among: declared.map(\.name)) { misspelt.insert(meant) }
        isComplete = false
        continue
      }
      if !match.option.decode(value, named: match.name, in: scope) { isComplete = false }
    }
    for (name, option) in declared where option.isRequired && node[name] == nil && !misspelt.contains(name) {
      scope.report(
        "missing-option", at: node.location, "\(scope.subject) needs the option \"\(name)\"",
        help: "write \(name): \(option.shape.exampleText)")
      isComplete = false
    }
    guard isComplete else { return nil }
    let problems = scope.problemCount
    options.validate(node, in: scope)
    return scope.problemCount == problems ? options : nil
  }

  /// The declared options with their names: `_maxBody` is `max_body`.
  var declared: [(name: String, option: any AnyOption)] {
    Mirror(reflecting: self).children.compactMap { child in
      guard let label = child.label, let option = child.value as? any AnyOption else { return nil }
      return (option.name ?? snakeCase(String(label.drop { $0 == "_" })), option)
    }
  }

  private func snakeCase(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
  }
}

/// Options of a component that has none.
public struct NoOptions: Options {
  /// Nothing.
  public init() {}
}

/// One option of a component: see `Options`.
@propertyWrapper
public struct Option<Value: OptionValue>: Sendable {
  // @unchecked: written by `decode` only, before the options are handed to their component.
  final class Storage: @unchecked Sendable {
    var value: Value?
    init(_ value: Value?) { self.value = value }
  }

  let storage: Storage
  let help: String
  let name: String?
  let isRequired: Bool
  let defaultText: OptionDefault?
  let rangeText: String?
  let bounds: ClosedRange<Double>?
  let check: @Sendable (Value) -> String?

  /// What was written, else the default.
  public var wrappedValue: Value {
    get {
      guard let value = storage.value else { preconditionFailure("a required option was read before it was decoded") }
      return value
    }
    nonmutating set { storage.value = newValue }
  }

  /// An option with a default. `default` says it in words where the value itself does not read well.
  public init(
    wrappedValue: Value, help: String, name: String? = nil, default text: OptionDefault? = nil,
    check: @escaping @Sendable (Value) -> String? = { _ in nil }
  ) {
    self.init(
      value: wrappedValue, help: help, name: name, isRequired: false, text: text ?? written(wrappedValue),
      range: nil, bounds: nil, check: check)
  }

  /// An option that must be written. `check` answers what is wrong with a value, nil for nothing.
  public init(help: String, name: String? = nil, check: @escaping @Sendable (Value) -> String? = { _ in nil }) {
    self.init(value: nil, help: help, name: name, isRequired: true, text: nil, range: nil, bounds: nil, check: check)
  }

  /// An option with a default and bounds.
  public init(wrappedValue: Value, help: String, name: String? = nil, range: ClosedRange<Value>)
  where Value: Comparable {
    self.init(
      value: wrappedValue, help: help, name: name, isRequired: false, text: written(wrappedValue),
      range: "\(describe(range.lowerBound) ?? "") to \(describe(range.upperBound) ?? "")",
      bounds: numbers(range), check: { range.contains($0) ? nil : "is out of range" })
  }

  private init(
    value: Value?, help: String, name: String?, isRequired: Bool, text: OptionDefault?, range: String?,
    bounds: ClosedRange<Double>?, check: @escaping @Sendable (Value) -> String?
  ) {
    storage = Storage(value)
    self.help = help
    self.name = name
    self.isRequired = isRequired
    defaultText = text
    rangeText = range
    self.bounds = bounds
    self.check = check
  }
}

/// An option of whatever type.
protocol AnyOption {
  var name: String? { get }
  var isRequired: Bool { get }
  var shape: OptionShape { get }
  func field(named name: String) -> OptionField
  /// Reads the value; false after a report.
  func decode(_ node: Node, named name: String, in scope: LoadScope) -> Bool
}

extension Option: AnyOption {
  var shape: OptionShape { Value.shape }

  func field(named name: String) -> OptionField {
    OptionField(
      name: name, shape: Value.shape, help: help, defaultText: defaultText?.text, isRequired: isRequired,
      rangeText: rangeText, bounds: bounds, isDefaultProse: defaultText?.isProse ?? false)
  }

  func decode(_ node: Node, named name: String, in scope: LoadScope) -> Bool {
    guard let value = scope.within(name, { Value.decode(node, in: scope) }) else { return false }
    if let problem = check(value) {
      scope.report(
        "invalid-option", at: node.location, "\(scope.subject): \(name) \(problem)",
        help: rangeText.map { "write a value from \($0)" })
      return false
    }
    storage.value = value
    return true
  }
}

/// A default as it would be written; nil where the option is left out.
private func written(_ value: some OptionValue) -> OptionDefault? { describe(value).map(OptionDefault.code) }

/// A value in words, as it would be written; nil for absent ones and those that are lists of structures.
private func describe(_ value: some OptionValue) -> String? {
  switch value {
  case let value as Duration: value.text
  case let value as any CustomStringConvertible: value.description
  case is any Options: "{}"
  default: nil
  }
}

/// The bounds of a range of numbers; nil for those of other values.
private func numbers(_ range: ClosedRange<some Comparable>) -> ClosedRange<Double>? {
  switch range {
  case let range as ClosedRange<Int>: Double(range.lowerBound)...Double(range.upperBound)
  case let range as ClosedRange<Double>: range
  default: nil
  }
}
