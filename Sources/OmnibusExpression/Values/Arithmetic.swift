import Omnibus

extension Frame {
  /// CEL's `+ - * / %` (cel-spec, "Standard Definitions"). Beside its overloads a decimal computes with every number,
  /// and a number that was read from JSON computes with numbers of other types: it is not for the writer of the
  /// expression to know whether the sender writes 2 or 2.0.
  mutating func compute(_ operation: Syntax.Operator, _ a: Value, _ b: Value) throws(Fault) -> Value {
    let left = a.resolved
    let right = b.resolved
    switch (left, right) {
    case (.int(let a), .int(let b)): return .int(try whole(operation, a, b))
    case (.uint(let a), .uint(let b)): return .uint(try whole(operation, a, b))
    case (.double(let a), .double(let b)): return .double(try floating(operation, a, b))
    default: break
    }
    if let x = Number(left), let y = Number(right) {
      guard a.mixes || b.mixes else { throw .noSuchOverload }
      return try mixed(operation, x, y)
    }
    switch operation {
    case .add: return try add(left, right)
    case .subtract: return try subtract(left, right)
    default: throw .noSuchOverload
    }
  }

  private func whole<Integer: FixedWidthInteger>(
    _ operation: Syntax.Operator, _ a: Integer, _ b: Integer
  ) throws(Fault) -> Integer {
    let (result, overflow) =
      switch operation {
      case .add: a.addingReportingOverflow(b)
      case .subtract: a.subtractingReportingOverflow(b)
      case .multiply: a.multipliedReportingOverflow(by: b)
      case .divide where b == 0: throw Fault("divide by zero")
      case .divide: a.dividedReportingOverflow(by: b)
      case .remainder where b == 0: throw Fault("modulus by zero")
      case .remainder: a.remainderReportingOverflow(dividingBy: b)
      default: throw .noSuchOverload
      }
    guard !overflow else { throw .overflow }
    return result
  }

  private func floating(_ operation: Syntax.Operator, _ a: Double, _ b: Double) throws(Fault) -> Double {
    switch operation {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    default: throw .noSuchOverload
    }
  }

  /// Numbers of two types, or decimals: exact where 128 bits are enough, else as doubles.
  private func mixed(_ operation: Syntax.Operator, _ a: Number, _ b: Number) throws(Fault) -> Value {
    if operation == .divide || operation == .remainder, b.compare(.int(0)) == 0 {
      throw Fault(operation == .divide ? "divide by zero" : "modulus by zero")
    }
    if let x = a.decimal, let y = b.decimal {
      let result: ExactDecimal? =
        switch operation {
        case .add: x.adding(y)
        case .subtract: x.subtracting(y)
        case .multiply: x.multiplied(by: y)
        case .divide: x.divided(by: y)
        default: x.remainder(dividingBy: y)
        }
      if let result { return .decimal(result) }
    }
    if operation == .remainder { return .double(a.double.truncatingRemainder(dividingBy: b.double)) }
    return .double(try floating(operation, a.double, b.double))
  }

  private mutating func add(_ a: Value, _ b: Value) throws(Fault) -> Value {
    switch (a, b) {
    case (.string(let a), .string(let b)):
      try charge(bytes: a.utf8.count + b.utf8.count)
      return .string(a + b)
    case (.bytes(let a), .bytes(let b)):
      try charge(bytes: a.count + b.count)
      return .bytes(a + b)
    case (.timestamp(let time), .duration(let duration)), (.duration(let duration), .timestamp(let time)):
      return .timestamp(try time.advanced(by: duration))
    case (.duration(let a), .duration(let b)): return .duration(try TimeLimits.checked(a + b))
    default:
      guard let a = a.elements, let b = b.elements else { throw .noSuchOverload }
      try charge(a.count + b.count)
      return .list(a + b)
    }
  }

  private func subtract(_ a: Value, _ b: Value) throws(Fault) -> Value {
    switch (a, b) {
    case (.timestamp(let a), .timestamp(let b)): .duration(try TimeLimits.checked(a.distance(from: b)))
    case (.timestamp(let time), .duration(let duration)): .timestamp(try time.advanced(by: .zero - duration))
    case (.duration(let a), .duration(let b)): .duration(try TimeLimits.checked(a - b))
    default: throw .noSuchOverload
    }
  }

  /// CEL's unary `-`.
  func negate(_ value: Value) throws(Fault) -> Value {
    switch value.resolved {
    case .int(let value):
      guard value != .min else { throw .overflow }
      return .int(-value)
    case .double(let value): return .double(-value)
    case .decimal(let value):
      guard let result = ExactDecimal(coefficient: 0, exponent: 0).subtracting(value) else {
        return .double(-value.double)
      }
      return .decimal(result)
    case .duration(let value): return .duration(.zero - value)
    default: throw .noSuchOverload
    }
  }
}

extension Value {
  /// Whether the number computes with numbers of other types.
  fileprivate var mixes: Bool {
    switch self {
    case .decimal, .json: true
    default: false
    }
  }
}
