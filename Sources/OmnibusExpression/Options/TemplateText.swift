import Omnibus

/// A string with `${ expression }` in it. `$${` stands for `${`; `${env:NAME}` and `${file:PATH}` were replaced when
/// the route was loaded, and what they stand for is never read as an expression.
struct TemplateText: Sendable {
  enum Part: Sendable {
    case literal(String)
    case expression(Expression)
  }

  let parts: [Part]

  /// The text, where it holds no expression.
  var constant: String? {
    switch parts.count {
    case 0: return ""
    case 1: if case .literal(let text) = parts[0] { return text }
    default: break
    }
    return nil
  }

  /// The expression, where there is nothing else.
  var alone: Expression? {
    guard parts.count == 1, case .expression(let expression) = parts[0] else { return nil }
    return expression
  }

  /// Makes the text, each value of an expression put through `encoding`.
  func evaluate(
    _ message: inout Message, _ context: Context, encoding: (String) -> String
  ) throws(Failure) -> String {
    var result = ""
    for part in parts {
      switch part {
      case .literal(let text): result += text
      case .expression(let expression): result += encoding(try expression.text(&message, context))
      }
    }
    return result
  }

  // MARK: loading

  /// Reads a scalar, or reports all that is wrong in it and answers nil.
  static func decode(_ node: Node, in scope: LoadScope) -> TemplateText? {
    guard let text = node.text else { return nil }
    guard text.contains("$") else { return TemplateText(parts: text.isEmpty ? [] : [.literal(text)]) }
    let source = SourceText(text)
    let bytes = source.bytes
    let problems = scope.problemCount
    var parts: [Part] = []
    var literal: [UInt8] = []
    var place = 0
    func starts(_ prefix: String) -> Bool { bytes[place...].starts(with: prefix.utf8) }
    while place < bytes.count {
      if starts("$${") {
        literal += "${".utf8
        place += 3
      } else if starts("${env:") || starts("${file:") {
        let end = bytes[place...].firstIndex(of: UInt8(ascii: "}")) ?? bytes.count - 1
        let reference = Node(.scalar(source.text(Span(place, end + 1)), plain: false), at: node.location)
        literal += (scope.text(reference) ?? "").utf8
        place = end + 1
      } else if starts("${") {
        if !literal.isEmpty { parts.append(.literal(String(decoding: literal, as: UTF8.self))) }
        literal = []
        guard let (expression, end) = embedded(source, place + 2, node, scope) else { return nil }
        if let expression { parts.append(.expression(expression)) }
        place = end
      } else {
        literal.append(bytes[place])
        place += 1
      }
    }
    if !literal.isEmpty { parts.append(.literal(String(decoding: literal, as: UTF8.self))) }
    return scope.problemCount == problems ? TemplateText(parts: parts) : nil
  }

  /// The expression from `start` on and the place after its `}`; the expression is nil after a report that leaves the
  /// rest readable, all is nil after one that does not.
  private static func embedded(
    _ source: SourceText, _ start: Int, _ node: Node, _ scope: LoadScope
  ) -> (Expression?, Int)? {
    do throws(ExpressionError.Problem) {
      let (tree, end) = try Parser.parse(embeddedIn: source, from: start)
      do throws(ExpressionError) {
        let expression = try Expression(tree, in: source, .route)
        if expression.readsBody { scope.noteBodyRead() }
        return (expression, end)
      } catch {
        scope.report(error, in: node)
        return (nil, end)
      }
    } catch {
      var problem = error
      if problem.range.lowerBound == source.bytes.count, problem.help == nil {
        problem.help = "an expression is closed by }; a literal ${ is written $${"
      }
      scope.report(ExpressionError(problems: [problem]), in: node)
      return nil
    }
  }
}
