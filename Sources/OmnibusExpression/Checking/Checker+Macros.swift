import Omnibus

extension Checker {
  /// Names of macros, for suggestions.
  static let macros = [
    "all", "exists", "exists_one", "existsOne", "map", "filter", "transformList", "transformMap", "optMap",
    "optFlatMap",
    "orValue", "or",
  ]

  /// The meaning of a call that is a macro (cel-spec, "Macros"); nil where it is none.
  mutating func macro(_ target: Syntax?, _ name: String, _ arguments: [Syntax], _ syntax: Syntax) -> Checked? {
    guard let target else {
      guard name == "has" else { return nil }
      return has(arguments, syntax.span)
    }
    if case .identifier("cel", _) = target.kind { return celMacro(name, arguments, syntax.span) }
    switch (name, arguments.count) {
    case ("all", 2), ("exists", 2), ("map", 2), ("filter", 2):
      return comprehension(name, target, [arguments[0]], nil, arguments[1], syntax.span)
    case ("exists_one", 2), ("existsOne", 2):
      return comprehension("existsOne", target, [arguments[0]], nil, arguments[1], syntax.span)
    case ("map", 3): return comprehension(name, target, [arguments[0]], arguments[1], arguments[2], syntax.span)
    case ("all", 3), ("exists", 3), ("existsOne", 3), ("transformList", 3), ("transformMap", 3),
      ("transformMapEntry", 3):
      return comprehension(name, target, Array(arguments[..<2]), nil, arguments[2], syntax.span)
    case ("exists_one", 3):
      return comprehension("existsOne", target, Array(arguments[..<2]), nil, arguments[2], syntax.span)
    case ("transformList", 4), ("transformMap", 4), ("transformMapEntry", 4):
      return comprehension(name, target, Array(arguments[..<2]), arguments[2], arguments[3], syntax.span)
    case ("optMap", 2), ("optFlatMap", 2):
      return optionalMap(target, arguments, isFlat: name == "optFlatMap", syntax.span)
    case ("or", 1), ("orValue", 1):
      let operand = check(target)
      let other = check(arguments[0])
      if !operand.type.canBe(.optional(.dyn)) {
        mistype("\(name) belongs to an optional value, found \(operand.type.withArticle)", at: syntax.span)
      }
      return Checked(
        kind: .optionalOr(operand, other, isValue: name == "orValue"),
        type: name == "orValue" ? .dyn : .optional(.dyn), span: syntax.span)
    default: return nil
    }
  }

  private mutating func has(_ arguments: [Syntax], _ span: Span) -> Checked {
    guard arguments.count == 1, case .select(let operand, let name, isOptional: false) = arguments[0].kind else {
      return refuse(
        "has takes one selection such as has(body.name)", at: span,
        help: "whether a key is there that is no name is told by \"key\" in map")
    }
    // The whole is checked first, for what can be said of its member.
    let whole = check(arguments[0])
    guard case .select(let operand, _, _) = whole.kind else {
      if case .fault = whole.kind { return whole }
      return Checked(kind: .has(check(operand), name), type: .bool, span: arguments[0].span)
    }
    return Checked(kind: .has(operand, name), type: .bool, span: arguments[0].span)
  }

  private mutating func comprehension(
    _ name: String, _ range: Syntax, _ variables: [Syntax], _ condition: Syntax?, _ body: Syntax, _ span: Span
  ) -> Checked {
    guard let macro = Checked.Comprehension.Macro(rawValue: name) else { return check(range) }
    let range = check(range)
    if !range.type.canBe(.list(.dyn)), !range.type.canBe(.map(.dyn)) {
      mistype("\(name) goes over a list or a map, found \(range.type.withArticle)", at: range.span)
    }
    var names: [String] = []
    for variable in variables {
      guard let name = Self.variableName(variable) else {
        return refuse("argument must be a simple name, the variable of \(name)", at: variable.span)
      }
      names.append(name)
    }
    guard Set(names).count == names.count else {
      return refuse("the two variables of \(name) have the same name", at: variables[1].span)
    }
    let element = if case .list(let element) = range.type { element } else { ExpressionType.dyn }
    let first = declare(names[0], names.count == 1 ? element : .dyn)
    let second = names.count == 2 ? declare(names[1], element) : nil
    let isTest = [.all, .exists, .existsOne, .filter].contains(macro)
    let checkedCondition = condition.map { self.condition($0, of: "the condition of \(name)") }
    let body = isTest ? self.condition(body, of: name) : check(body)
    undeclare(names.count)
    let type: ExpressionType =
      switch macro {
      case .all, .exists, .existsOne: .bool
      case .map, .transformList: .list(body.type)
      case .filter: range.type == .dyn ? .list(.dyn) : .list(element)
      case .transformMap: .map(body.type)
      case .transformMapEntry: .map(.dyn)
      }
    return Checked(
      kind: .comprehension(
        Checked.Comprehension(
          macro: macro, range: range, first: first, second: second, condition: checkedCondition, body: body)),
      type: type, span: span)
  }

  /// The name that a macro declares; `cel.iterVar(0, 1)` stands for one too.
  private static func variableName(_ syntax: Syntax) -> String? {
    switch syntax.kind {
    case .identifier(let name, isAbsolute: false): name
    case .call(let target?, let name, let arguments): blockName(target, name, arguments)
    default: nil
    }
  }

  /// The name behind `cel.index(1)`, `cel.iterVar(0, 1)` and `cel.accuVar(0, 1)`.
  private static func blockName(_ target: Syntax, _ name: String, _ arguments: [Syntax]) -> String? {
    guard case .identifier("cel", _) = target.kind, ["index", "iterVar", "accuVar"].contains(name) else { return nil }
    var parts = ["@\(name)"]
    for argument in arguments {
      guard case .literal(.int(let number)) = argument.kind else { return nil }
      parts.append(String(number))
    }
    return parts.count == (name == "index" ? 2 : 3) ? parts.joined(separator: ":") : nil
  }

  // MARK: cel.bind and cel.block

  private mutating func celMacro(_ name: String, _ arguments: [Syntax], _ span: Span) -> Checked? {
    switch name {
    case "bind": return bind(arguments, span)
    case "block": return block(arguments, span)
    case "index", "iterVar", "accuVar":
      let target = Syntax(kind: .identifier("cel", isAbsolute: false), span: span, extent: span, depth: 1)
      guard let variable = Self.blockName(target, name, arguments), let local = local(variable) else {
        return refuse("cel.\(name) names no variable here", at: span)
      }
      return Checked(kind: .local(local.slot), type: local.type, span: span)
    default: return nil
    }
  }

  private mutating func bind(_ arguments: [Syntax], _ span: Span) -> Checked {
    guard arguments.count == 3, let name = Self.variableName(arguments[0]) else {
      return refuse("cel.bind takes a simple name, its value and an expression", at: span)
    }
    let value = check(arguments[1])
    let slot = declare(name, value.type)
    let body = check(arguments[2])
    undeclare(1)
    return Checked(kind: .bind(slot, value, in: body), type: body.type, span: span)
  }

  private mutating func block(_ arguments: [Syntax], _ span: Span) -> Checked {
    guard arguments.count == 2, case .list(let elements) = arguments[0].kind else {
      return refuse("cel.block takes a list and an expression", at: span)
    }
    var values: [(slot: Int, value: Checked)] = []
    for (place, element) in elements.enumerated() {
      let value = check(element.value)
      values.append((declare("@index:\(place)", value.type), value))
    }
    let body = check(arguments[1])
    undeclare(values.count)
    return Checked(kind: .block(values, in: body), type: body.type, span: span)
  }

  private mutating func optionalMap(_ target: Syntax, _ arguments: [Syntax], isFlat: Bool, _ span: Span) -> Checked {
    guard let name = Self.variableName(arguments[0]) else {
      return refuse("argument must be a simple name, the variable of optMap", at: arguments[0].span)
    }
    let operand = check(target)
    if !operand.type.canBe(.optional(.dyn)) {
      mistype("optMap belongs to an optional value, found \(operand.type.withArticle)", at: span)
    }
    let slot = declare(name, .dyn)
    let body = check(arguments[1])
    undeclare(1)
    return Checked(kind: .optionalMap(operand, slot, body, isFlat: isFlat), type: .optional(.dyn), span: span)
  }
}
