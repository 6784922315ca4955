import Omnibus

/// A number of any type, to be compared by its exact value.
enum Number {
  case int(Int64)
  case uint(UInt64)
  case double(Double)
  case decimal(ExactDecimal)

  /// The number that `value`, which is resolved, is; nil for others.
  init?(_ value: Value) {
    switch value {
    case .int(let value): self = .int(value)
    case .uint(let value): self = .uint(value)
    case .double(let value): self = .double(value)
    case .decimal(let value): self = .decimal(value)
    default: return nil
    }
  }

  /// Below, at or above 0 as this is less than, equal to or greater than `other`; nil where one is not a number.
  /// A double meets a decimal as the shortest decimal that stands for it, so `0.1` of JSON equals `0.1`.
  func compare(_ other: Number) -> Int? {
    switch (self, other) {
    case (.int(let a), .int(let b)): return a < b ? -1 : a > b ? 1 : 0
    case (.uint(let a), .uint(let b)): return a < b ? -1 : a > b ? 1 : 0
    case (.double(let a), .double(let b)): return a < b ? -1 : a > b ? 1 : a == b ? 0 : nil
    case (.int(let a), .uint(let b)): return a < 0 ? -1 : Number.uint(UInt64(a)).compare(.uint(b))
    case (.int(let a), .double(let b)): return Self.compare(Int128(a), b)
    case (.uint(let a), .double(let b)): return Self.compare(Int128(a), b)
    case (.decimal(let a), .decimal(let b)): return a.compare(b)
    case (.decimal, .double(let b)) where !b.isFinite: return b.isNaN ? nil : b > 0 ? -1 : 1
    case (.decimal(let a), _): return other.decimal.map { a.compare($0) }
    default: return other.compare(self).map { -$0 }
    }
  }

  /// The number as a decimal; nil for NaN and infinities.
  var decimal: ExactDecimal? {
    switch self {
    case .int(let value): ExactDecimal(coefficient: Int128(value), exponent: 0)
    case .uint(let value): ExactDecimal(coefficient: Int128(value), exponent: 0)
    case .double(let value): ExactDecimal(value)
    case .decimal(let value): value
    }
  }

  /// The nearest double.
  var double: Double {
    switch self {
    case .int(let value): Double(value)
    case .uint(let value): Double(value)
    case .double(let value): value
    case .decimal(let value): value.double
    }
  }

  private static func compare(_ whole: Int128, _ double: Double) -> Int? {
    guard !double.isNaN else { return nil }
    guard double.magnitude < 0x1p100 else { return double > 0 ? -1 : 1 }
    let floor = double.rounded(.down)
    let other = Int128(floor)
    if whole != other { return whole < other ? -1 : 1 }
    return floor < double ? -1 : 0
  }
}

extension Value {
  /// Below, at or above 0 as this is less than, equal to or greater than `other` (cel-spec, "Ordering"); nil where one
  /// is not a number. Both are resolved.
  func compare(_ other: Value) throws(Fault) -> Int? {
    switch (self, other) {
    case (.string(let a), .string(let b)):
      return a.isSame(as: b) ? 0 : a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
    case (.bytes(let a), .bytes(let b)): return a == b ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1
    case (.bool(let a), .bool(let b)): return a == b ? 0 : b ? -1 : 1
    case (.timestamp(let a), .timestamp(let b)): return a == b ? 0 : a < b ? -1 : 1
    case (.duration(let a), .duration(let b)): return a == b ? 0 : a < b ? -1 : 1
    default:
      guard let a = Number(self), let b = Number(other) else { throw .noSuchOverload }
      return a.compare(b)
    }
  }
}
