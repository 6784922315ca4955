/// The options of a component, declared once: a struct whose properties are `@Option`s. Decoding, diagnostics,
/// `omnibus describe` and the reference pages all come from it.
///
/// ```swift
/// struct RetryOptions: Options {
///   @Option(help: "how often to try, the first time counted", range: 1...1_000) var attempts: Int = 3
///   @Option(help: "what must be there") var url: String   // no default: required
/// }
/// ```
///
/// A plain property whose type is `Options` is a group: its options stand among the others, as those that several
/// components share do. Its `validate` is for that of the whole to call.
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
  public static var shape: OptionShape { .fields(Self().declared.map { $0.cell.field(named: $0.name) }) }

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
      if !match.cell.decode(value, named: match.name, in: scope) { isComplete = false }
    }
    for (name, cell) in declared where cell.isRequired && node[name] == nil && !misspelt.contains(name) {
      scope.report(
        "missing-option", at: node.location, "\(scope.subject) needs the option \"\(name)\"",
        help: "write \(name): \(cell.shape.exampleText)")
      isComplete = false
    }
    guard isComplete else { return nil }
    let problems = scope.problemCount
    options.validate(node, in: scope)
    return scope.problemCount == problems ? options : nil
  }

  /// The declared options with their names: `_maxBody` is `max_body`.
  var declared: [(name: String, cell: OptionCell)] { DeclaredOptions.of(Self.self, like: self).cells(in: self) }
}

/// Options of a component that has none.
public struct NoOptions: Options {
  /// Nothing.
  public init() {}
}
