import Omnibus

/// Finds what names and calls mean, expands macros, and reports what is wrong for certain.
struct Checker {
  let source: SourceText
  let scope: VariableScope
  private(set) var problems: [ExpressionError.Problem] = []
  private var locals: [(name: String, slot: Int, type: ExpressionType)] = []
  /// How many places for variables of macros a frame needs.
  private(set) var slots = 0

  init(_ source: SourceText, _ scope: VariableScope) {
    self.source = source
    self.scope = scope
  }

  /// The meaning of a tree. Where something is wrong, `problems` say what.
  mutating func check(_ syntax: Syntax) -> Checked {
    switch syntax.kind {
    case .literal(let literal): return self.literal(literal, syntax.span)
    case .identifier, .select: return name(syntax)
    case .index(let operand, let index, let isOptional):
      return indexing(check(operand), check(index), isOptional, syntax.span)
    case .call(let target, let name, let arguments): return call(target, name, arguments, syntax)
    case .list(let elements): return list(elements, syntax.span)
    case .map(let entries): return map(entries, syntax.span)
    case .message(let name, let fields): return message(name, fields, syntax.span)
    case .not(let operand):
      let operand = condition(operand, of: "!")
      return Checked(kind: .not(operand), type: .bool, span: syntax.span)
    case .negate(let operand): return negation(check(operand), syntax.span)
    case .binary(let operation, let left, let right):
      return binary(operation, check(left), check(right), syntax.span)
    case .and(let terms):
      let terms = terms.map { condition($0, of: "&&") }
      return Checked(kind: .and(terms), type: .bool, span: syntax.span)
    case .or(let terms):
      let terms = terms.map { condition($0, of: "||") }
      return Checked(kind: .or(terms), type: .bool, span: syntax.span)
    case .conditional(let test, let yes, let no):
      let test = condition(test, of: "? :")
      let yes = check(yes)
      let no = check(no)
      return Checked(kind: .conditional(test, yes, no), type: yes.type.joined(no.type), span: syntax.span)
    }
  }

  // MARK: reporting

  /// Reports a problem, or leaves it to the evaluation in an open scope.
  mutating func fault(_ code: String, _ message: String, at span: Span, help: String? = nil) -> Checked {
    if !scope.isOpen { problems.append(source.problem(code, message, at: span, help: help)) }
    return Checked(kind: .fault(message), type: .dyn, span: span)
  }

  /// Reports what is wrong in every scope, such as a macro that is not written as it must be.
  mutating func refuse(_ message: String, at span: Span, help: String? = nil) -> Checked {
    problems.append(source.problem("expression-syntax", message, at: span, help: help))
    return Checked(kind: .fault(message), type: .dyn, span: span)
  }

  /// Reports a type that is wrong for certain; in an open scope the evaluation will say so.
  mutating func mistype(_ message: String, at span: Span, help: String? = nil) {
    if !scope.isOpen { problems.append(source.problem("expression-type", message, at: span, help: help)) }
  }

  // MARK: variables of macros

  mutating func declare(_ name: String, _ type: ExpressionType) -> Int {
    defer { slots += 1 }
    locals.append((name, slots, type))
    return slots
  }

  mutating func undeclare(_ count: Int) { locals.removeLast(count) }

  func local(_ name: String) -> (slot: Int, type: ExpressionType)? {
    locals.last { $0.name == name }.map { ($0.slot, $0.type) }
  }

  // MARK: names

  /// A name, or selections from one. A dotted name is looked up as a whole first, then by ever shorter parts
  /// (cel-spec, "Name Resolution").
  private mutating func name(_ syntax: Syntax) -> Checked {
    let (root, path) = Self.path(syntax)
    guard case .identifier(let first, let isAbsolute) = root.kind else {
      guard case .select(let operand, let name, let isOptional) = syntax.kind else { return check(root) }
      return selection(check(operand), name, isOptional, syntax.span)
    }
    if !isAbsolute, let local = local(first) {
      let value = Checked(kind: .local(local.slot), type: local.type, span: root.span)
      return path.reduce(value) { selection($0, $1.name, $1.isOptional, $1.span) }
    }
    let plain = path.prefix { !$0.isOptional }
    for count in (0...plain.count).reversed() {
      let name = ([first] + plain.prefix(count).map(\.name)).joined(separator: ".")
      guard let value = declared(name, root.span) else { continue }
      return path.dropFirst(count).reduce(value) { selection($0, $1.name, $1.isOptional, $1.span) }
    }
    return unknownVariable(first, root.span)
  }

  private func declared(_ name: String, _ span: Span) -> Checked? {
    if let variable = scope.variables[name] {
      let type: ExpressionType =
        switch variable {
        case .headers: .map(.string)
        case .properties, .message, .route, .failure: .map(.dyn)
        case .body, .bound: .dyn
        }
      return Checked(kind: .variable(variable), type: type, span: span)
    }
    return Self.typeNames.contains(name) ? Checked(kind: .literal(.type(name)), type: .type, span: span) : nil
  }

  static let typeNames: Set<String> = [
    "bool", "int", "uint", "double", "decimal", "string", "bytes", "list", "map", "null_type", "type",
    "google.protobuf.Timestamp", "google.protobuf.Duration", "optional_type",
  ]

  private mutating func unknownVariable(_ name: String, _ span: Span) -> Checked {
    let names = Array(scope.variables.keys) + locals.map(\.name)
    let nearest = NearestName.of(name, among: names)
    let help =
      Library.standard.names(isMember: false).contains(name)
      ? "\(name) is a function: write \(name)(…)"
      : "there are \(names.sorted().joined(separator: ", ")); a text is written in quotes: \"\(name)\""
    return fault(
      "unknown-variable", "unknown variable \"\(name)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""),
      at: span, help: nearest == nil ? help : nil)
  }

  private static func path(_ syntax: Syntax) -> (Syntax, [(name: String, isOptional: Bool, span: Span)]) {
    guard case .select(let operand, let name, let isOptional) = syntax.kind else { return (syntax, []) }
    let (root, path) = path(operand)
    return (root, path + [(name, isOptional, syntax.span)])
  }

  // MARK: members

  private mutating func selection(_ operand: Checked, _ name: String, _ isOptional: Bool, _ span: Span) -> Checked {
    if case .variable(let variable) = operand.kind, let members = VariableScope.members(variable),
      !members.contains(name)
    {
      let nearest = NearestName.of(name, among: members)
      return fault(
        "unknown-variable",
        "\(source.text(operand.span)) has no member \"\(name)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""),
        at: span, help: nearest == nil ? "it has \(members.joined(separator: ", "))" : nil)
    }
    if !operand.type.canBe(.map(.dyn)), !operand.type.canBe(.optional(.dyn)) {
      mistype("\(operand.type.withArticle) has no member \"\(name)\"", at: span)
    }
    let type = isOptional || operand.type.isOptional ? .optional(.dyn) : operand.type.value
    return Checked(kind: .select(operand, name, isOptional: isOptional), type: type, span: span)
  }

  private mutating func indexing(_ operand: Checked, _ index: Checked, _ isOptional: Bool, _ span: Span) -> Checked {
    switch operand.type {
    case .dyn, .map, .optional: break
    case .list:
      if index.type != .dyn, !index.type.isNumber {
        mistype("a list is indexed by a whole number, not by \(index.type.withArticle)", at: index.span)
      }
    default: mistype("\(operand.type.withArticle) has no elements", at: span)
    }
    let type = isOptional || operand.type.isOptional ? .optional(.dyn) : operand.type.value
    return Checked(kind: .index(operand, index, isOptional: isOptional), type: type, span: span)
  }

  // MARK: literals

  private func literal(_ literal: Syntax.Literal, _ span: Span) -> Checked {
    switch literal {
    case .null: Checked(kind: .literal(.null), type: .null, span: span)
    case .bool(let value): Checked(kind: .literal(.bool(value)), type: .bool, span: span)
    case .int(let value): Checked(kind: .literal(.int(value)), type: .int, span: span)
    case .uint(let value): Checked(kind: .literal(.uint(value)), type: .uint, span: span)
    case .double(let value): Checked(kind: .literal(.double(value)), type: .double, span: span)
    case .string(let value): Checked(kind: .literal(.string(value)), type: .string, span: span)
    case .bytes(let value): Checked(kind: .literal(.bytes(value)), type: .bytes, span: span)
    }
  }

  private mutating func list(_ elements: [Syntax.Element], _ span: Span) -> Checked {
    let values = elements.map { (value: check($0.value), isOptional: $0.isOptional) }
    for value in values where value.isOptional { requireOptional(value.value) }
    let type = values.dropFirst().reduce(values.first?.value.type ?? .dyn) { $0.joined($1.value.type) }
    return Checked(kind: .list(values), type: .list(values.contains { $0.isOptional } ? .dyn : type), span: span)
  }

  private mutating func map(_ entries: [Syntax.Entry], _ span: Span) -> Checked {
    let values = entries.map { (key: check($0.key), value: check($0.value), isOptional: $0.isOptional) }
    for entry in values {
      if entry.isOptional { requireOptional(entry.value) }
      if ![.dyn, .string, .int, .uint, .bool].contains(entry.key.type) {
        mistype("a key is a string, int, uint or bool, not \(entry.key.type.withArticle)", at: entry.key.span)
      }
    }
    let type = values.dropFirst().reduce(values.first?.value.type ?? .dyn) { $0.joined($1.value.type) }
    return Checked(kind: .map(values), type: .map(values.contains { $0.isOptional } ? .dyn : type), span: span)
  }

  private mutating func requireOptional(_ value: Checked) {
    guard !value.type.canBe(.optional(.dyn)) else { return }
    mistype("what follows ? is an optional value, found \(value.type.withArticle)", at: value.span)
  }

  private mutating func message(_ name: String, _ fields: [Syntax.Field], _ span: Span) -> Checked {
    let values = fields.map { (name: $0.name, value: check($0.value), isOptional: $0.isOptional) }
    if let checked = WellKnownTypes.checked(name, values, span) { return checked }
    return fault(
      "expression-type", "unknown type \"\(name)\"", at: span,
      help: "a map is written { \"name\": value }; of messages only the well-known types of protobuf are there")
  }
}
