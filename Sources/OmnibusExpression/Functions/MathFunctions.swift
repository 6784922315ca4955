import Omnibus

/// The math extension (cel-go, `ext/README.md`, "Math").
enum MathFunctions {
  static let all: [Function] =
    [
      extremum("greatest") { $0 > 0 }, extremum("least") { $0 < 0 },
      rounding("ceil") { $0.rounded(.up) }, rounding("floor") { $0.rounded(.down) },
      rounding("round") { $0.rounded(.toNearestOrAwayFromZero) }, rounding("trunc") { $0.rounded(.towardZero) },
      .global(
        "math.sqrt", numbers(.double),
        .unary { value, _ throws(Fault) in
          guard let number = Number(value) else { throw .noSuchOverload }
          return .double(number.double.squareRoot())
        }),
      .global("math.abs", [.int, .uint, .double, .decimal].map { [$0] => $0 }, .unary(absolute)),
      .global("math.sign", [.int, .uint, .double, .decimal].map { [$0] => $0 }, .unary(sign)),
      test("isNaN") { $0.isNaN }, test("isInf") { $0.isInfinite }, test("isFinite") { $0.isFinite },
      bits("bitAnd", { $0 & $1 }, { $0 & $1 }), bits("bitOr", { $0 | $1 }, { $0 | $1 }),
      bits("bitXor", { $0 ^ $1 }, { $0 ^ $1 }),
      .global(
        "math.bitNot", [[.int] => .int, [.uint] => .uint],
        .unary { value, _ throws(Fault) in
          switch value {
          case .int(let value): return .int(~value)
          case .uint(let value): return .uint(~value)
          default: throw .noSuchOverload
          }
        }),
      shift("bitShiftLeft", { $0 << $1 }, { $0 << $1 }),
      // Vacated bits of an int are filled with zeros, as the extension says.
      shift("bitShiftRight", { Int64(bitPattern: UInt64(bitPattern: $0) >> UInt64($1)) }, { $0 >> $1 }),
    ]

  private static func numbers(_ result: ExpressionType) -> [Function.Signature] {
    [.int, .uint, .double, .decimal].map { [$0] => result }
  }

  private static func extremum(_ name: String, _ isBetter: @escaping @Sendable (Int) -> Bool) -> Function {
    .global(
      "math.\(name)", [],
      .variadic(minimum: 1) { arguments, frame throws(Fault) in
        let candidates = arguments.count == 1 ? arguments[0].elements ?? arguments : arguments
        try frame.charge(candidates.count)
        guard var best = candidates.first?.resolved else { throw Fault("the list is empty") }
        guard Number(best) != nil else { throw .noSuchOverload }
        for candidate in candidates.dropFirst() {
          guard let number = Number(candidate.resolved), let bestNumber = Number(best) else { throw .noSuchOverload }
          if let order = number.compare(bestNumber), isBetter(order) { best = candidate.resolved }
        }
        return best
      })
  }

  private static func rounding(_ name: String, _ round: @escaping @Sendable (Double) -> Double) -> Function {
    .global(
      "math.\(name)", [[.double] => .double, [.decimal] => .double],
      .unary { value, _ throws(Fault) in
        switch value {
        case .double(let value): return .double(round(value))
        case .decimal(let value): return .double(round(value.double))
        default: throw .noSuchOverload
        }
      })
  }

  private static func test(_ name: String, _ holds: @escaping @Sendable (Double) -> Bool) -> Function {
    .global(
      "math.\(name)", [[.double] => .bool, [.decimal] => .bool],
      .unary { value, _ throws(Fault) in
        switch value {
        case .double(let value): return .bool(holds(value))
        case .decimal(let value): return .bool(holds(value.double))
        default: throw .noSuchOverload
        }
      })
  }

  @Sendable private static func absolute(_ value: Value, _ frame: inout Frame) throws(Fault) -> Value {
    switch value {
    case .uint: return value
    case .int(let number):
      guard number != .min else { throw .overflow }
      return .int(abs(number))
    case .double(let number): return .double(number.magnitude)
    case .decimal(let number):
      return .decimal(number.text.hasPrefix("-") ? ExactDecimal(unchecked: String(number.text.dropFirst())) : number)
    default: throw .noSuchOverload
    }
  }

  @Sendable private static func sign(_ value: Value, _ frame: inout Frame) throws(Fault) -> Value {
    switch value {
    case .uint(let number): .uint(number == 0 ? 0 : 1)
    case .int(let number): .int(number.signum())
    case .double(let number): .double(number.isNaN ? number : number == 0 ? 0 : number < 0 ? -1 : 1)
    case .decimal(let number): .int(Int64(number.compare(ExactDecimal(coefficient: 0, exponent: 0))))
    default: throw .noSuchOverload
    }
  }

  private static func bits(
    _ name: String, _ ints: @escaping @Sendable (Int64, Int64) -> Int64,
    _ uints: @escaping @Sendable (UInt64, UInt64) -> UInt64
  ) -> Function {
    .global(
      "math.\(name)", [[.int, .int] => .int, [.uint, .uint] => .uint],
      .binary { a, b, _ throws(Fault) in
        switch (a, b) {
        case (.int(let a), .int(let b)): return .int(ints(a, b))
        case (.uint(let a), .uint(let b)): return .uint(uints(a, b))
        default: throw .noSuchOverload
        }
      })
  }

  private static func shift(
    _ name: String, _ ints: @escaping @Sendable (Int64, Int64) -> Int64,
    _ uints: @escaping @Sendable (UInt64, Int64) -> UInt64
  ) -> Function {
    .global(
      "math.\(name)", [[.int, .int] => .int, [.uint, .int] => .uint],
      .binary { a, b, _ throws(Fault) in
        let count = Int64(try b.asInt())
        guard count >= 0 else { throw Fault("negative offset: a shift goes by 0 bits or more") }
        switch a {
        case .int(let a): return .int(ints(a, count))
        case .uint(let a): return .uint(uints(a, count))
        default: throw .noSuchOverload
        }
      })
  }
}
