import Omnibus

extension Checker {
  /// An operand that is true or false.
  mutating func condition(_ syntax: Syntax, of operation: String) -> Checked {
    let operand = check(syntax)
    if !operand.type.canBe(.bool) {
      mistype("\(operation) takes true or false, found \(operand.type.withArticle)", at: operand.span)
    }
    return operand
  }

  mutating func negation(_ operand: Checked, _ span: Span) -> Checked {
    if ![.dyn, .int, .double, .decimal, .duration].contains(operand.type) {
      mistype("\(operand.type.withArticle) cannot be negated", at: span)
    }
    return Checked(kind: .negate(operand), type: operand.type, span: span)
  }

  mutating func binary(_ operation: Syntax.Operator, _ left: Checked, _ right: Checked, _ span: Span) -> Checked {
    let type: ExpressionType
    switch operation {
    case .equal, .notEqual:
      type = .bool
      requireComparable(operation, left, right, span)
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      type = .bool
      requireOrdered(operation, left, right, span)
    case .in:
      type = .bool
      if !right.type.canBe(.list(.dyn)), !right.type.canBe(.map(.dyn)) {
        mistype(
          "in looks into a list or a map, found \(right.type.withArticle)", at: right.span,
          help: right.type == .string ? "a part of a string is found by text.contains(part)" : nil)
      }
    case .add, .subtract, .multiply, .divide, .remainder:
      type = arithmetic(operation, left, right, span)
    }
    return Checked(kind: .binary(operation, left, right), type: type, span: span)
  }

  private mutating func requireComparable(
    _ operation: Syntax.Operator, _ left: Checked, _ right: Checked, _ span: Span
  ) {
    if left.type.canBe(right.type) || (left.type.isNumber && right.type.isNumber) { return }
    if left.type == .null || right.type == .null { return }
    mistype(
      "\(left.type.withArticle) never equals \(right.type.withArticle)", at: span,
      help: "a string becomes a number by int(…), a number a string by string(…)")
  }

  private mutating func requireOrdered(
    _ operation: Syntax.Operator, _ left: Checked, _ right: Checked, _ span: Span
  ) {
    let ordered: [ExpressionType] = [.bool, .string, .bytes, .timestamp, .duration]
    for operand in [left, right] where operand.type != .dyn && !operand.type.isNumber && !ordered.contains(operand.type)
    {
      return mistype("\(operand.type.withArticle) has no order, so \(operation.rawValue) cannot compare it", at: span)
    }
    if left.type.canBe(right.type) || (left.type.isNumber && right.type.isNumber) { return }
    mistype("\(operation.rawValue) cannot compare \(left.type.withArticle) with \(right.type.withArticle)", at: span)
  }

  private mutating func arithmetic(
    _ operation: Syntax.Operator, _ left: Checked, _ right: Checked, _ span: Span
  ) -> ExpressionType {
    let results = Self.results(operation, left.type, right.type)
    if let first = results.first { return results.dropFirst().reduce(first) { $0.joined($1) } }
    let help: String? =
      if operation == .add, left.type == .string || right.type == .string {
        "a value becomes a string by string(…)"
      } else if left.type.isNumber, right.type.isNumber {
        "convert one of them: int(…), uint(…) or double(…)"
      } else {
        nil
      }
    mistype(
      "\(operation.rawValue) cannot take \(left.type.withArticle) and \(right.type.withArticle)", at: span, help: help)
    return .dyn
  }

  /// The results of all overloads that operands of these types can mean.
  private static func results(
    _ operation: Syntax.Operator, _ left: ExpressionType, _ right: ExpressionType
  ) -> [ExpressionType] {
    var overloads: [(ExpressionType, ExpressionType, ExpressionType)] = [
      (.int, .int, .int), (.uint, .uint, .uint), (.decimal, .dyn, .dyn), (.dyn, .decimal, .dyn),
    ]
    if operation != .remainder { overloads.append((.double, .double, .double)) }
    if operation == .add {
      overloads += [
        (.string, .string, .string), (.bytes, .bytes, .bytes), (.list(.dyn), .list(.dyn), .list(.dyn)),
        (.timestamp, .duration, .timestamp), (.duration, .timestamp, .timestamp),
      ]
    }
    if operation == .subtract {
      overloads += [(.timestamp, .timestamp, .duration), (.timestamp, .duration, .timestamp)]
    }
    if operation == .add || operation == .subtract { overloads.append((.duration, .duration, .duration)) }
    // A number of the message computes with every number, so nothing is known of the result.
    if left == .dyn, right.isNumber || right == .dyn { return [.dyn] }
    if right == .dyn, left.isNumber { return [.dyn] }
    return overloads.filter { overload in
      overload.0.canBe(left) && overload.1.canBe(right)
        && (overload.0 != .dyn || left.isNumber) && (overload.1 != .dyn || right.isNumber)
    }.map(\.2)
  }
}
