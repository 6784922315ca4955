import Omnibus

extension Compiler {
  /// The closure that evaluates `node` to true or false; another value is a fault.
  func test(_ node: Checked) -> Test { BodyTest(node, self)?.test ?? generalTest(node) }

  /// The same, for operands of every kind.
  func generalTest(_ node: Checked) -> Test {
    switch node.kind {
    case .and(let terms): return conjunction(terms.map { test($0) }, until: false)
    case .or(let terms): return conjunction(terms.map { test($0) }, until: true)
    case .not(let operand):
      let operand = test(operand)
      return { frame throws(Fault) in !(try operand(&frame)) }
    case .has(let operand, let name): return has(operand, name, node.span)
    case .binary(let operation, let left, let right) where !operation.isArithmetic:
      return comparison(operation, left, right, node.span)
    case .comprehension(let macro) where macro.macro.isTest: return quantifier(macro, node.span)
    default:
      let value = evaluate(node)
      let span = node.span
      return { frame throws(Fault) in
        guard case .bool(let result) = try value(&frame).resolved else {
          throw Fault("no such overload: true or false was expected", at: span)
        }
        return result
      }
    }
  }

  /// `&&` and `||`: one term that settles the result makes up for faults of others (cel-spec, "Logical Operators").
  private func conjunction(_ terms: [Test], until settling: Bool) -> Test {
    if terms.count == 2 {
      let first = terms[0]
      let second = terms[1]
      return { frame throws(Fault) in
        do throws(Fault) {
          if try first(&frame) == settling { return settling }
        } catch {
          // The second may settle it in spite of the fault; its own fault comes after the first.
          let settled = (try? second(&frame)) == settling
          if settled { return settling }
          throw error
        }
        return try second(&frame)
      }
    }
    return { frame throws(Fault) in
      var fault: Fault?
      for term in terms {
        do throws(Fault) {
          if try term(&frame) == settling { return settling }
        } catch {
          fault = fault ?? error
        }
      }
      if let fault { throw fault }
      return !settling
    }
  }

  private func has(_ operand: Checked, _ name: String, _ span: Span) -> Test {
    switch operand.kind {
    case .variable(.headers): return { frame throws(Fault) in frame.message.pointee.headers.contains(name) }
    case .variable(.properties): return { frame throws(Fault) in frame.message.pointee.properties[name] != nil }
    default: break
    }
    let operand = evaluate(operand)
    return { frame throws(Fault) in
      do throws(Fault) {
        let value = try operand(&frame)
        return try frame.has(value, name)
      } catch { throw error.at(span) }
    }
  }

  private func comparison(_ operation: Syntax.Operator, _ left: Checked, _ right: Checked, _ span: Span) -> Test {
    let isHeaders = if case .variable(.headers) = right.kind { true } else { false }
    let left = evaluate(left)
    if operation == .in, isHeaders {
      return { frame throws(Fault) in
        guard case .string(let name) = try left(&frame).resolved else { return false }
        return frame.message.pointee.headers.contains(name)
      }
    }
    let right = evaluate(right)
    switch operation {
    case .equal: return { frame throws(Fault) in try frame.equal(try left(&frame), try right(&frame)) }
    case .notEqual: return { frame throws(Fault) in !(try frame.equal(try left(&frame), try right(&frame))) }
    case .in:
      return { frame throws(Fault) in
        let needle = try left(&frame)
        let haystack = try right(&frame)
        do throws(Fault) { return try frame.contains(needle, in: haystack) } catch {
          throw error.of("in", [needle, haystack], span)
        }
      }
    default:
      return { frame throws(Fault) in
        let a = try left(&frame).resolved
        let b = try right(&frame).resolved
        do throws(Fault) {
          guard let order = try a.compare(b) else { return false }
          return operation.holds(order)
        } catch { throw error.of(operation.rawValue, [a, b], span) }
      }
    }
  }
}

extension Syntax.Operator {
  /// Whether `a <operator> b` holds where a compares with b as `order` with 0.
  func holds(_ order: Int) -> Bool {
    switch self {
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    case .equal: order == 0
    case .notEqual: order != 0
    default: false
    }
  }
}
