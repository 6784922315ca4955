import Omnibus

extension Checker {
  /// A macro, a function with a namespace, or a function.
  mutating func call(_ target: Syntax?, _ name: String, _ arguments: [Syntax], _ syntax: Syntax) -> Checked {
    if let macro = macro(target, name, arguments, syntax) { return macro }
    guard let target else { return function(name, isMember: false, arguments.map { check($0) }, syntax.span) }
    if let space = Self.dottedName(target), local(String(space.prefix { $0 != "." })) == nil,
      scope.variables[space] == nil
    {
      let full = "\(space).\(name)"
      if !Library.standard.named(full, isMember: false).isEmpty || Self.namespaces.contains(space) {
        return function(full, isMember: false, arguments.map { check($0) }, syntax.span)
      }
    }
    return function(name, isMember: true, [check(target)] + arguments.map { check($0) }, syntax.span)
  }

  private static let namespaces: Set<String> = ["math", "base64", "optional", "strings", "cel"]

  /// `a.b` as a text, where only names are selected.
  static func dottedName(_ syntax: Syntax) -> String? {
    switch syntax.kind {
    case .identifier(let name, isAbsolute: _): name
    case .select(let operand, let name, isOptional: false): dottedName(operand).map { "\($0).\(name)" }
    default: nil
    }
  }

  private mutating func function(
    _ name: String, isMember: Bool, _ arguments: [Checked], _ span: Span
  ) -> Checked {
    let named = Library.standard.named(name, isMember: isMember)
    guard !named.isEmpty else { return unknownFunction(name, isMember, arguments, span) }
    guard let function = named.first(where: { $0.takes(arguments.count) }) else {
      let hidden = isMember ? 1 : 0
      let counts = named.compactMap(\.count).map { $0 - hidden }.sorted().map(String.init)
      return fault(
        "expression-type",
        "\(name) takes \(counts.joined(separator: " or ")) \(counts == ["1"] ? "argument" : "arguments"), found "
          + "\(arguments.count - hidden)", at: span)
    }
    let fitting = function.signatures.filter { signature in
      zip(signature.parameters, arguments).allSatisfy { $0.canBe($1.type) }
    }
    if fitting.isEmpty, !function.signatures.isEmpty {
      let expected = function.signatures.map { Self.words($0.parameters, isMember) }
      mistype(
        "\(name) takes \(expected.joined(separator: " or ")), found \(Self.words(arguments.map(\.type), isMember))",
        at: span)
    }
    requirePattern(name, arguments)
    let type = fitting.dropFirst().reduce(fitting.first?.result ?? .dyn) { $0.joined($1.result) }
    return Checked(kind: .call(function, arguments), type: type, span: span)
  }

  /// A pattern that is written out is read here, so that a wrong one is found when the route is loaded.
  private mutating func requirePattern(_ name: String, _ arguments: [Checked]) {
    guard name == "matches", arguments.count == 2, case .literal(.string(let pattern)) = arguments[1].kind else {
      return
    }
    do throws(Fault) { _ = try RegularExpression(pattern) } catch { mistype(error.reason, at: arguments[1].span) }
  }

  private static func words(_ types: [ExpressionType], _ isMember: Bool) -> String {
    let names = types.map(\.name)
    guard isMember, let first = names.first else { return "(\(names.joined(separator: ", ")))" }
    return names.count == 1 ? first : "\(first).(\(names.dropFirst().joined(separator: ", ")))"
  }

  private mutating func unknownFunction(
    _ name: String, _ isMember: Bool, _ arguments: [Checked], _ span: Span
  ) -> Checked {
    var help: String?
    var message = "unknown function \"\(name)\""
    if !Library.standard.named(name, isMember: !isMember).isEmpty {
      help = isMember ? "write \(name)(value)" : "write it after the value: value.\(name)(…)"
    } else if let nearest = NearestName.of(name, among: Library.standard.names(isMember: isMember) + Self.macros) {
      message += "; did you mean \"\(nearest)\"?"
    }
    return fault("unknown-function", message, at: span, help: help)
  }
}
