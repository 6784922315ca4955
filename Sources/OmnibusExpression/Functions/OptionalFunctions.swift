import Omnibus

/// Values that may be absent (cel-spec, "Optional Values").
enum OptionalFunctions {
  static let all: [Function] = [
    .global("optional.of", [[.dyn] => .optional(.dyn)], .unary { value, _ throws(Fault) in .optional(value) }),
    .global(
      "optional.ofNonZeroValue", [[.dyn] => .optional(.dyn)],
      .unary { value, _ throws(Fault) in .optional(isZero(value) ? nil : value) }),
    .global("optional.none", [[] => .optional(.dyn)], .nullary { _ throws(Fault) in .optional(nil) }),
    .member(
      "hasValue", [[.optional(.dyn)] => .bool],
      .unary { value, _ throws(Fault) in .bool(try value.asOptional() != nil) }),
    .member(
      "value", [[.optional(.dyn)] => .dyn],
      .unary { value, _ throws(Fault) in
        guard let value = try value.asOptional() else { throw Fault("optional.none() dereference: there is no value") }
        return value
      }),
    .global("optional.unwrap", [[.list(.dyn)] => .list(.dyn)], .unary(unwrap)),
    .member("unwrapOpt", [[.list(.dyn)] => .list(.dyn)], .unary(unwrap)),
    .member(
      "first", [[.list(.dyn)] => .optional(.dyn)],
      .unary { value, _ throws(Fault) in
        .optional(try value.asList().first)
      }),
    .member(
      "last", [[.list(.dyn)] => .optional(.dyn)],
      .unary { value, _ throws(Fault) in
        .optional(try value.asList().last)
      }),
  ]

  @Sendable private static func unwrap(_ list: Value, _ frame: inout Frame) throws(Fault) -> Value {
    var present: [Value] = []
    for element in try list.asList() { if let value = try element.asOptional() { present.append(value) } }
    return .list(present)
  }

  /// Whether the value is the one that its type begins with: 0, an empty text, an empty list.
  static func isZero(_ value: Value) -> Bool {
    switch value {
    case .null: true
    case .bool(let value): !value
    case .int(let value): value == 0
    case .uint(let value): value == 0
    case .double(let value): value == 0
    case .decimal(let value): value.compare(ExactDecimal(coefficient: 0, exponent: 0)) == 0
    case .string(let value): value.isEmpty
    case .bytes(let value): value.isEmpty
    case .timestamp(let value): value.seconds == 0 && value.nanoseconds == 0
    case .duration(let value): value == .zero
    case .type: false
    case .optional(let value): value == nil
    case .list, .map, .json: value.elementCount == 0
    }
  }
}
