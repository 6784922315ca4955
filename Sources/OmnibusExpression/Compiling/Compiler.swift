import Omnibus

/// Evaluates an expression.
typealias Evaluate = @Sendable (inout Frame) throws(Fault) -> Value
/// Evaluates an expression to true or false.
typealias Test = @Sendable (inout Frame) throws(Fault) -> Bool

/// Turns a checked tree into closures. What stands fixed in the text is prepared here, once.
struct Compiler {
  /// The closure that evaluates `node`.
  func evaluate(_ node: Checked) -> Evaluate {
    let span = node.span
    switch node.kind {
    case .literal(let value): return { _ throws(Fault) in value }
    case .fault(let reason): return { _ throws(Fault) in throw Fault(reason, at: span) }
    case .variable(let variable): return placed(span) { frame throws(Fault) in try frame.variable(variable) }
    case .local(let slot): return placed(span) { frame throws(Fault) in try frame.local(slot) }
    case .select(let operand, let name, let isOptional): return selection(operand, name, isOptional, node)
    case .index(let operand, let index, let isOptional): return indexing(operand, index, isOptional, node)
    case .call(let function, let arguments): return call(function, arguments, span)
    case .list(let elements): return list(elements)
    case .map(let entries): return map(entries, span)
    case .negate(let operand):
      let operand = evaluate(operand)
      return placed(span) { frame throws(Fault) in try frame.negate(try operand(&frame)) }
    case .binary(let operation, let left, let right) where operation.isArithmetic:
      let left = evaluate(left)
      let right = evaluate(right)
      return placed(span) { frame throws(Fault) in
        try frame.compute(operation, try left(&frame), try right(&frame))
      }
    case .conditional(let condition, let yes, let no):
      let condition = test(condition)
      let yes = evaluate(yes)
      let no = evaluate(no)
      return { frame throws(Fault) in try condition(&frame) ? try yes(&frame) : try no(&frame) }
    case .comprehension(let macro) where !macro.macro.isTest: return comprehension(macro, span)
    case .bind(let slot, let value, in: let body):
      let value = evaluate(value)
      let body = evaluate(body)
      return { frame throws(Fault) in
        frame.locals[slot] = try value(&frame)
        return try body(&frame)
      }
    case .block(let values, in: let body): return block(values, body)
    case .optionalMap(let operand, let slot, let body, let isFlat):
      return optionalMap(operand, slot, body, isFlat, span)
    case .optionalOr(let operand, let other, let isValue): return optionalOr(operand, other, isValue, span)
    case .has, .not, .binary, .and, .or, .comprehension:
      let test = test(node)
      return { frame throws(Fault) in .bool(try test(&frame)) }
    }
  }

  /// The closure with the place of its expression put into faults that have none.
  func placed(_ span: Span, _ body: @escaping Evaluate) -> Evaluate {
    { frame throws(Fault) in
      do throws(Fault) { return try body(&frame) } catch { throw error.at(span) }
    }
  }

  // MARK: members

  private func selection(_ operand: Checked, _ name: String, _ isOptional: Bool, _ node: Checked) -> Evaluate {
    if !isOptional, let path = BodyPath(node) { return path.evaluate }
    if !isOptional, case .variable(.headers) = operand.kind {
      return placed(node.span) { frame throws(Fault) in
        guard let value = frame.message.pointee.headers[name] else { throw Fault("no such key: \"\(name)\"") }
        return .string(value)
      }
    }
    if !isOptional, case .variable(.properties) = operand.kind {
      return placed(node.span) { frame throws(Fault) in
        guard let value = frame.message.pointee.properties[name] else { throw Fault("no such key: \"\(name)\"") }
        return value
      }
    }
    if isOptional, case .variable(.headers) = operand.kind {
      return { frame throws(Fault) in .optional(frame.message.pointee.headers[name].map(Value.string)) }
    }
    let operand = evaluate(operand)
    return placed(node.span) { frame throws(Fault) in
      let value = try operand(&frame)
      return isOptional ? .optional(try frame.selectOptional(value, name)) : try frame.select(value, name)
    }
  }

  private func indexing(_ operand: Checked, _ index: Checked, _ isOptional: Bool, _ node: Checked) -> Evaluate {
    if !isOptional, let path = BodyPath(node) { return path.evaluate }
    if case .literal(.string(let name)) = index.kind { return selection(operand, name, isOptional, node, index: index) }
    let place = evaluate(index)
    if case .variable(.headers) = operand.kind {
      return placed(node.span) { frame throws(Fault) in
        let name = try place(&frame).resolved.asString()
        let value = frame.message.pointee.headers[name].map(Value.string)
        if isOptional { return .optional(value) }
        guard let value else { throw Fault("no such key") }
        return value
      }
    }
    let operand = evaluate(operand)
    return placed(node.span) { frame throws(Fault) in
      let value = try operand(&frame)
      let place = try place(&frame)
      return isOptional ? .optional(try frame.indexOptional(value, place)) : try frame.index(value, place)
    }
  }

  /// An index that is written as a string: a selection, but on a list a fault of its own.
  private func selection(
    _ operand: Checked, _ name: String, _ isOptional: Bool, _ node: Checked, index: Checked
  ) -> Evaluate {
    switch operand.kind {
    case .variable(.headers), .variable(.properties): return selection(operand, name, isOptional, node)
    default: break
    }
    let operand = evaluate(operand)
    return placed(node.span) { frame throws(Fault) in
      let value = try operand(&frame)
      if isOptional { return .optional(try frame.indexOptional(value, .string(name))) }
      if value.isMap { return try frame.select(value, name) }
      return try frame.index(value, .string(name))
    }
  }

  // MARK: calls

  private func call(_ function: Function, _ arguments: [Checked], _ span: Span) -> Evaluate {
    let evaluated = arguments.map { evaluate($0) }
    let name = function.name
    if name == "matches", case .literal(.string(let text)) = arguments[1].kind,
      let pattern = try? RegularExpression(text)
    {
      let operand = evaluated[0]
      return { frame throws(Fault) in
        guard case .string(let text) = try operand(&frame).resolved else { throw Fault.noSuchOverload.at(span) }
        do throws(Fault) { return .bool(try pattern.matches(text, &frame)) } catch { throw error.at(span) }
      }
    }
    switch function.body {
    case .nullary(let body): return placed(span) { frame throws(Fault) in try body(&frame) }
    case .unary(let body):
      let first = evaluated[0]
      return { frame throws(Fault) in
        let a = try first(&frame).resolved
        do throws(Fault) { return try body(a, &frame) } catch { throw error.of(name, [a], span) }
      }
    case .binary(let body):
      let first = evaluated[0]
      let second = evaluated[1]
      return { frame throws(Fault) in
        let a = try first(&frame).resolved
        let b = try second(&frame).resolved
        do throws(Fault) { return try body(a, b, &frame) } catch { throw error.of(name, [a, b], span) }
      }
    case .ternary(let body):
      let first = evaluated[0]
      let second = evaluated[1]
      let third = evaluated[2]
      return { frame throws(Fault) in
        let a = try first(&frame).resolved
        let b = try second(&frame).resolved
        let c = try third(&frame).resolved
        do throws(Fault) { return try body(a, b, c, &frame) } catch { throw error.of(name, [a, b, c], span) }
      }
    case .variadic(_, let body):
      return { frame throws(Fault) in
        var values: [Value] = []
        for argument in evaluated { values.append(try argument(&frame).resolved) }
        do throws(Fault) { return try body(values, &frame) } catch { throw error.of(name, values, span) }
      }
    }
  }

  // MARK: lists and maps

  private func list(_ elements: [(value: Checked, isOptional: Bool)]) -> Evaluate {
    let parts = elements.map { (value: evaluate($0.value), isOptional: $0.isOptional, span: $0.value.span) }
    return { frame throws(Fault) in
      var values: [Value] = []
      values.reserveCapacity(parts.count)
      try frame.charge(parts.count)
      for part in parts {
        let value = try part.value(&frame)
        if !part.isOptional {
          values.append(value)
        } else if let value = try frame.optional(value, part.span) {
          values.append(value)
        }
      }
      return .list(values)
    }
  }

  private func map(_ entries: [(key: Checked, value: Checked, isOptional: Bool)], _ span: Span) -> Evaluate {
    let parts = entries.map {
      (key: evaluate($0.key), value: evaluate($0.value), isOptional: $0.isOptional, span: $0.key.span)
    }
    return { frame throws(Fault) in
      var builder = MapBuilder()
      try frame.charge(parts.count)
      for part in parts {
        let key = try part.key(&frame)
        let value = try part.value(&frame)
        let present = part.isOptional ? try frame.optional(value, part.span) : value
        do throws(Fault) {
          if let present { try builder.append(key, present) } else { try MapBuilder.check(key) }
        } catch { throw error.at(part.span) }
      }
      return .map(builder.map)
    }
  }
}

extension Frame {
  /// The variable of a macro. One of `cel.block` that failed fails here.
  func local(_ slot: Int) throws(Fault) -> Value {
    if !faults.isEmpty, let fault = faults[slot] { throw fault }
    return locals[slot]
  }

  /// What an entry marked with `?` holds.
  func optional(_ value: Value, _ span: Span) throws(Fault) -> Value? {
    guard case .optional(let inner) = value else {
      throw Fault("what follows ? is an optional value, found \(value.typeName)", at: span)
    }
    return inner
  }
}

extension Fault {
  /// The fault of a call, which says what the function was given.
  func of(_ name: String, _ arguments: [Value], _ span: Span) -> Fault {
    guard self.span == nil else { return self }
    guard reason == Fault.noSuchOverload.reason else { return at(span) }
    return Fault("no such overload: \(name)(\(arguments.map(\.typeName).joined(separator: ", ")))", at: span)
  }
}

extension Syntax.Operator {
  var isArithmetic: Bool { [.add, .subtract, .multiply, .divide, .remainder].contains(self) }
}

extension Checked.Comprehension.Macro {
  var isTest: Bool { [.all, .exists, .existsOne].contains(self) }
}
