import Glibc
import Omnibus

/// `format` of the strings extension: `"%s is %.2f".format([name, price])`.
enum Formatting {
  private static let maximumPrecision = 100

  static func format(_ text: Value, _ arguments: Value, _ frame: inout Frame) throws(Fault) -> Value {
    var rest = try text.asString().unicodeScalars[...]
    var arguments = try arguments.asList()[...]
    var result = ""
    while let mark = rest.firstIndex(of: "%") {
      result.unicodeScalars.append(contentsOf: rest[..<mark])
      rest = rest[rest.index(after: mark)...]
      if rest.first == "%" {
        result += "%"
        rest = rest.dropFirst()
        continue
      }
      let precision = try precision(&rest)
      guard let clause = rest.popFirst() else { throw Fault("format: a clause is incomplete") }
      guard let argument = arguments.popFirst() else { throw Fault("format: index out of range: too few arguments") }
      let part = try self.clause(clause, argument.resolved, precision, &frame)
      try frame.charge(bytes: part.utf8.count)
      result += part
    }
    result.unicodeScalars.append(contentsOf: rest)
    return .string(result)
  }

  private static func precision(_ rest: inout Substring.UnicodeScalarView) throws(Fault) -> Int? {
    guard rest.first == "." else { return nil }
    let digits = rest.dropFirst().prefix { ("0"..."9").contains($0) }
    guard let value = Int(String(digits)), value <= maximumPrecision else {
      throw Fault("format: a precision is a number up to \(maximumPrecision)")
    }
    rest = rest[digits.endIndex...]
    return value
  }

  private static func clause(
    _ clause: Unicode.Scalar, _ value: Value, _ precision: Int?, _ frame: inout Frame
  ) throws(Fault) -> String {
    switch clause {
    case "s": return try text(value, &frame)
    case "d": return try decimal(value)
    case "f": return try floating(value, "f", precision)
    case "e": return try floating(value, "e", precision)
    case "b":
      if case .bool(let flag) = value { return flag ? "1" : "0" }
      return try whole(value, 2, "binary")
    case "o": return try whole(value, 8, "octal")
    case "x": return try hexadecimal(value, isUppercase: false)
    case "X": return try hexadecimal(value, isUppercase: true)
    default: throw Fault("format: could not parse formatting clause: unrecognized formatting clause")
    }
  }

  private static func text(_ value: Value, _ frame: inout Frame) throws(Fault) -> String {
    try frame.charge(1)
    let value = value.resolved
    if let elements = value.elements {
      var parts: [String] = []
      for element in elements { parts.append(try text(element, &frame)) }
      return "[" + parts.joined(separator: ", ") + "]"
    }
    if let members = value.members {
      var parts: [(String, String)] = []
      for (key, member) in members { parts.append((try text(key, &frame), try text(member, &frame))) }
      parts.sort { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
      return "{" + parts.map { "\($0): \($1)" }.joined(separator: ", ") + "}"
    }
    switch value {
    case .null: return "null"
    case .type(let name): return name
    case .optional: throw Fault("format: string clause can only be used on values that can be written")
    default: return try ConversionFunctions.string(value).asString()
    }
  }

  private static func decimal(_ value: Value) throws(Fault) -> String {
    switch value {
    case .int(let number): return String(number)
    case .uint(let number): return String(number)
    case .double(let number) where !number.isFinite: return DecimalText.text(number)
    default: throw Fault("format: decimal clause can only be used on integers")
    }
  }

  private static func floating(_ value: Value, _ form: String, _ precision: Int?) throws(Fault) -> String {
    guard let number = Number(value)?.double else {
      throw Fault("format: \(form == "f" ? "fixed-point" : "scientific") clause can only be used on numbers")
    }
    guard number.isFinite else { return DecimalText.text(number) }
    var buffer = [UInt8](repeating: 0, count: 512)
    let count = buffer.withUnsafeMutableBytes { bytes in
      withVaList([number]) { vsnprintf(bytes.baseAddress, bytes.count, "%.\(precision ?? 6)\(form)", $0) }
    }
    return String(decoding: buffer.prefix(Int(count)), as: UTF8.self)
  }

  private static func whole(_ value: Value, _ radix: Int, _ name: String) throws(Fault) -> String {
    switch value {
    case .int(let number): return String(number, radix: radix)
    case .uint(let number): return String(number, radix: radix)
    default: throw Fault("format: \(name) clause can only be used on integers\(radix == 2 ? " and bools" : "")")
    }
  }

  private static func hexadecimal(_ value: Value, isUppercase: Bool) throws(Fault) -> String {
    switch value {
    case .int(let number): return String(number, radix: 16, uppercase: isUppercase)
    case .uint(let number): return String(number, radix: 16, uppercase: isUppercase)
    case .string(let text): return hexadecimal(Array(text.utf8), isUppercase)
    case .bytes(let bytes): return hexadecimal(bytes, isUppercase)
    default: throw Fault("format: hex clause can only be used on integers, bytes and strings")
    }
  }

  private static func hexadecimal(_ bytes: [UInt8], _ isUppercase: Bool) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: isUppercase) }.joined()
  }
}
