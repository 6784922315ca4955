import Omnibus

extension LoadScope {
  /// The expression that a scalar holds; nil after a report.
  func expression(_ node: Node, _ shape: OptionShape) -> Expression? {
    guard let text = node.text, !node.isNull else {
      reportMistyped(node, expected: shape)
      return nil
    }
    if text.hasPrefix("${"), text.hasSuffix("}") {
      report(
        "expression-syntax", at: node.location, "\(subject) is an expression already and takes no ${ }",
        help: "write \(text.dropFirst(2).dropLast().trimmingSpaces)")
      return nil
    }
    do throws(ExpressionError) {
      let expression = try Expression(compiling: text)
      if expression.readsBody { noteBodyRead() }
      return expression
    } catch {
      report(error, in: node)
      return nil
    }
  }

  /// Reports what is wrong with an expression at its place within the scalar `node`, as far as that can be told.
  func report(_ error: ExpressionError, in node: Node) {
    for problem in error.problems {
      var location = node.location
      var message = "\(subject): \(problem.message)"
      if let offset = node.textOffset, problem.line == 1 {
        let scalars = Array((node.text ?? "").utf8)[problem.range.clamped(to: 0..<(node.text ?? "").utf8.count)]
          .count { $0 & 0xC0 != 0x80 }
        location = node.location.advanced(by: offset + problem.column - 1, length: max(1, scalars))
      } else {
        message += " (line \(problem.line), column \(problem.column) of the text)"
      }
      report(problem.code, at: location, message, help: problem.help)
    }
  }
}

extension Substring {
  fileprivate var trimmingSpaces: String {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
