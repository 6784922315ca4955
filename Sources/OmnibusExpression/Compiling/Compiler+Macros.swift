import Omnibus

extension Compiler {
  /// `all`, `exists` and `existsOne`. Of `all` and `exists` an element that settles the result makes up for faults at
  /// others (cel-spec, "Macros").
  func quantifier(_ macro: Checked.Comprehension, _ span: Span) -> Test {
    let loop = Loop(macro, span, self)
    let body = test(macro.body)
    if macro.macro == .existsOne {
      return { frame throws(Fault) in
        var count = 0
        try loop.run(&frame) { frame throws(Fault) in
          if try body(&frame) { count += 1 }
          return true
        }
        return count == 1
      }
    }
    let settling = macro.macro == .exists
    return { frame throws(Fault) in
      var fault: Fault?
      var isSettled = false
      try loop.run(&frame) { frame throws(Fault) in
        do throws(Fault) {
          isSettled = try body(&frame) == settling
        } catch {
          fault = fault ?? error
        }
        return !isSettled
      }
      if !isSettled, let fault { throw fault }
      return isSettled ? settling : !settling
    }
  }

  /// The macros that make a list or a map.
  func comprehension(_ macro: Checked.Comprehension, _ span: Span) -> Evaluate {
    switch macro.macro {
    case .filter: filter(macro, span)
    case .transformMap, .transformMapEntry: mapping(macro, span)
    default: list(macro, span)
    }
  }

  private func filter(_ macro: Checked.Comprehension, _ span: Span) -> Evaluate {
    let loop = Loop(macro, span, self)
    let body = test(macro.body)
    let slot = macro.first
    return { frame throws(Fault) in
      var kept: [Value] = []
      try loop.run(&frame) { frame throws(Fault) in
        let element = frame.locals[slot]
        if try body(&frame) { kept.append(element) }
        return true
      }
      return .list(kept)
    }
  }

  private func list(_ macro: Checked.Comprehension, _ span: Span) -> Evaluate {
    let loop = Loop(macro, span, self)
    let condition = macro.condition.map { test($0) }
    let body = evaluate(macro.body)
    return { frame throws(Fault) in
      var results: [Value] = []
      try loop.run(&frame) { frame throws(Fault) in
        if let condition, !(try condition(&frame)) { return true }
        results.append(try body(&frame))
        return true
      }
      return .list(results)
    }
  }

  private func mapping(_ macro: Checked.Comprehension, _ span: Span) -> Evaluate {
    let loop = Loop(macro, span, self)
    let condition = macro.condition.map { test($0) }
    let body = evaluate(macro.body)
    let slot = macro.first
    let isEntry = macro.macro == .transformMapEntry
    return { frame throws(Fault) in
      var builder = MapBuilder()
      try loop.run(&frame) { frame throws(Fault) in
        if let condition, !(try condition(&frame)) { return true }
        let key = frame.locals[slot]
        let result = try body(&frame)
        do throws(Fault) {
          guard isEntry else {
            try builder.append(key, result)
            return true
          }
          guard let members = result.members else { throw .noSuchOverload }
          for (key, value) in members { try builder.append(key, value) }
        } catch { throw error.at(span) }
        return true
      }
      return .map(builder.map)
    }
  }

  // MARK: others

  func block(_ values: [(slot: Int, value: Checked)], _ body: Checked) -> Evaluate {
    let parts = values.map { (slot: $0.slot, value: evaluate($0.value)) }
    let body = evaluate(body)
    return { frame throws(Fault) in
      for part in parts {
        do throws(Fault) {
          frame.locals[part.slot] = try part.value(&frame)
          frame.faults[part.slot] = nil
        } catch { frame.faults[part.slot] = error }
      }
      return try body(&frame)
    }
  }

  func optionalMap(_ operand: Checked, _ slot: Int, _ body: Checked, _ isFlat: Bool, _ span: Span) -> Evaluate {
    let operand = evaluate(operand)
    let body = evaluate(body)
    return placed(span) { frame throws(Fault) in
      guard let value = try operand(&frame).asOptional() else { return .optional(nil) }
      frame.locals[slot] = value
      let result = try body(&frame)
      guard isFlat else { return .optional(result) }
      return .optional(try result.asOptional())
    }
  }

  func optionalOr(_ operand: Checked, _ other: Checked, _ isValue: Bool, _ span: Span) -> Evaluate {
    let operand = evaluate(operand)
    let other = evaluate(other)
    return placed(span) { frame throws(Fault) in
      let value = try operand(&frame).asOptional()
      if let value { return isValue ? value : .optional(value) }
      let result = try other(&frame)
      return isValue ? result : .optional(try result.asOptional())
    }
  }
}
