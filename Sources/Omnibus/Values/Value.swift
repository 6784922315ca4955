/// What expressions compute with and JSON is made of: the types of the Common Expression Language (cel-spec, "Values"),
/// an exact decimal, and places in JSON text that are read only when they are asked for.
public enum Value: Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  case double(Double)
  /// A number with a fraction or an exponent, as it was written; nothing of it is rounded.
  case decimal(ExactDecimal)
  case string(String)
  case bytes([UInt8])
  case list([Value])
  case map(ValueMap)
  /// Nanoseconds are kept apart from seconds: see `Timestamp`.
  case timestamp(Timestamp)
  case duration(Duration)
  /// The name of a type, as CEL's `type()` gives it.
  case type(String)
  /// A place in a JSON text that was indexed and not read further: any of JSON's types.
  case json(JSONNode)
  /// A value that may be absent, as `.?name` and `optional.of` make it; only expressions see it.
  indirect case optional(Value?)
}

extension Value: ExpressibleByStringLiteral {
  /// A string.
  public init(stringLiteral text: String) { self = .string(text) }
}

extension Value {
  /// The string, where this is one.
  public var string: String? {
    switch self {
    case .string(let string): string
    case .json(let node) where node.kind == .string: node.string
    default: nil
    }
  }

  /// The whole number, where this is one that fits.
  public var int: Int? {
    switch self.resolved {
    case .int(let value): Int(value)
    case .uint(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The same value, with scalars of JSON text read; containers stay places in the text.
  public var resolved: Value {
    guard case .json(let node) = self else { return self }
    return node.scalar ?? self
  }

  /// The member `name` of a map or JSON object; nil where there is none.
  public func member(_ name: String) -> Value? {
    switch self {
    case .map(let map): map[name]
    case .json(let node): node.member(name).map(Value.json)
    default: nil
    }
  }
}

/// A moment: seconds since 1970-01-01T00:00:00Z and nanoseconds (0 to 999,999,999) after that second; CEL allows the
/// years 1 to 9999.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Seconds since 1970, negative before.
  public var seconds: Int64
  /// Nanoseconds after `seconds`.
  public var nanoseconds: Int32

  /// A moment.
  public init(seconds: Int64, nanoseconds: Int32) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Earlier moments are less.
  public static func < (a: Timestamp, b: Timestamp) -> Bool {
    (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds)
  }
}
