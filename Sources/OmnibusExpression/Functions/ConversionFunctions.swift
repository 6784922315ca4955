import Omnibus

/// `int()`, `uint()`, `double()`, `string()`, `bytes()`, `bool()`, `timestamp()`, `duration()` (cel-spec, "Type
/// Conversions"), and `decimal()`.
enum ConversionFunctions {
  static let all: [Function] = [
    conversion("int", .int, [.int, .uint, .double, .decimal, .string, .timestamp], int),
    conversion("uint", .uint, [.int, .uint, .double, .decimal, .string], uint),
    conversion("double", .double, [.int, .uint, .double, .decimal, .string], double),
    conversion("decimal", .decimal, [.int, .uint, .double, .decimal, .string], decimal),
    conversion(
      "string", .string, [.string, .bool, .int, .uint, .double, .decimal, .bytes, .timestamp, .duration], string),
    conversion("bytes", .bytes, [.bytes, .string], bytes),
    conversion("bool", .bool, [.bool, .string], bool),
    conversion("timestamp", .timestamp, [.timestamp, .string, .int], timestamp),
    conversion("duration", .duration, [.duration, .string, .int], duration),
  ]

  private static func conversion(
    _ name: String, _ result: ExpressionType, _ parameters: [ExpressionType],
    _ convert: @escaping @Sendable (Value) throws(Fault) -> Value
  ) -> Function {
    .global(name, parameters.map { [$0] => result }, .unary { value, _ throws(Fault) in try convert(value) })
  }

  private static let outOfRange = Fault("the number is out of range for the type (overflow)")

  private static func int(_ value: Value) throws(Fault) -> Value {
    switch value {
    case .int: return value
    case .uint(let number):
      guard let result = Int64(exactly: number) else { throw outOfRange }
      return .int(result)
    case .double(let number):
      // The bounds themselves are refused, as the specification asks.
      guard number.magnitude < 0x1p63 else { throw outOfRange }
      return .int(Int64(number))
    case .decimal(let number):
      guard let result = number.truncated(to: Int64.self) else { throw outOfRange }
      return .int(result)
    case .string(let text):
      guard let result = Int64(text), !text.hasPrefix("+") else { throw Fault("the string is no whole number") }
      return .int(result)
    case .timestamp(let time): return .int(time.seconds)
    default: throw .noSuchOverload
    }
  }

  private static func uint(_ value: Value) throws(Fault) -> Value {
    switch value {
    case .uint: return value
    case .int(let number):
      guard let result = UInt64(exactly: number) else { throw outOfRange }
      return .uint(result)
    case .double(let number):
      guard number > -1, number < 0x1p64 else { throw outOfRange }
      return .uint(UInt64(number.rounded(.towardZero)))
    case .decimal(let number):
      guard let result = number.truncated(to: UInt64.self) else { throw outOfRange }
      return .uint(result)
    case .string(let text):
      guard let result = UInt64(text), !text.hasPrefix("+") else {
        throw Fault("the string is no whole number from 0 on")
      }
      return .uint(result)
    default: throw .noSuchOverload
    }
  }

  private static func double(_ value: Value) throws(Fault) -> Value {
    if let number = Number(value) { return .double(number.double) }
    guard case .string(let text) = value else { throw .noSuchOverload }
    guard let result = Double(text), !text.lowercased().hasPrefix("0x") else { throw Fault("the string is no number") }
    return .double(result)
  }

  private static func decimal(_ value: Value) throws(Fault) -> Value {
    if let number = Number(value) {
      guard let result = number.decimal else { throw Fault("NaN and infinities are no decimals") }
      return .decimal(result)
    }
    guard case .string(let text) = value else { throw .noSuchOverload }
    guard DecimalText.isNumber(text) else { throw Fault("the string is no number") }
    return .decimal(ExactDecimal(unchecked: text))
  }

  /// CEL's `string()`.
  static func string(_ value: Value) throws(Fault) -> Value {
    switch value {
    case .string: return value
    case .bool(let value): return .string(value ? "true" : "false")
    case .int(let number): return .string(String(number))
    case .uint(let number): return .string(String(number))
    case .double(let number): return .string(DecimalText.text(number))
    case .decimal(let number): return .string(number.text)
    case .bytes(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self) else { throw Fault("invalid UTF-8 in the bytes") }
      return .string(text)
    case .timestamp(let time): return .string(time.text)
    case .duration(let duration): return .string(duration.secondsText)
    default: throw .noSuchOverload
    }
  }

  private static func bytes(_ value: Value) throws(Fault) -> Value {
    if case .bytes = value { return value }
    return .bytes(Array(try value.asString().utf8))
  }

  private static func bool(_ value: Value) throws(Fault) -> Value {
    if case .bool = value { return value }
    switch try value.asString() {
    case "1", "t", "T", "true", "TRUE", "True": return .bool(true)
    case "0", "f", "F", "false", "FALSE", "False": return .bool(false)
    default: throw Fault("the string is neither true nor false (type conversion error)")
    }
  }

  private static func timestamp(_ value: Value) throws(Fault) -> Value {
    switch value {
    case .timestamp: return value
    case .int(let seconds): return .timestamp(try Timestamp(seconds: seconds, nanoseconds: 0).checked())
    default:
      guard let time = TimeText.timestamp(try value.asString()) else {
        throw Fault("the string is no timestamp such as 2009-02-13T23:31:30Z")
      }
      return .timestamp(try time.checked())
    }
  }

  private static func duration(_ value: Value) throws(Fault) -> Value {
    switch value {
    case .duration: return value
    case .int(let seconds): return .duration(try TimeLimits.checked(.seconds(seconds)))
    default:
      guard let duration = TimeText.duration(try value.asString()) else {
        throw Fault("the string is no duration such as 1h30m or 2.5s")
      }
      return .duration(try TimeLimits.checked(duration))
    }
  }
}
