import Omnibus

extension Column {
  /// The text of a value in the file; nil where the value is not what the column holds. `isFixed` is whether a number
  /// leaves room for a sign that it does not need.
  func text(of value: Value, isFixed: Bool) -> [UInt8]? {
    if let constant { return constant }
    if case .null = value { return standIn ?? [] }
    switch (content, value) {
    case (.string, .string(let text)): return Array(text.utf8)
    case (.string, .bool(let flag)): return Array((flag ? "true" : "false").utf8)
    case (.string, .int), (.string, .uint), (.string, .decimal), (.string, .double): return try? value.jsonBytes()
    case (.string, .timestamp(let moment)): return Array(moment.text.utf8)
    case (.integer(let format), _): return Self.number(value, format, allowsFraction: false, isFixed: isFixed)
    case (.decimal(let format), _): return Self.number(value, format, allowsFraction: true, isFixed: isFixed)
    case (.boolean(let whenTrue, let whenFalse), .bool(let flag)): return flag ? whenTrue.first : whenFalse.first
    case (.date(let format), .string(let text)):
      guard !text.isEmpty else { return [] }
      var bytes: [UInt8] = []
      return format.localise(text, into: &bytes) ? bytes : nil
    case (.code(let table), .string(let text)): return table.code(of: text).map { Array($0.utf8) }
    default: return nil
    }
  }

  private static func number(
    _ value: Value, _ format: NumberFormat, allowsFraction: Bool, isFixed: Bool
  ) -> [UInt8]? {
    let number: ExactDecimal? =
      switch value {
      case .int(let number): ExactDecimal(unchecked: "\(number)")
      case .uint(let number): ExactDecimal(unchecked: "\(number)")
      case .decimal(let number): number
      case .double(let number): ExactDecimal(number)
      default: nil
      }
    guard let number else { return nil }
    let digits = number.text.utf8.drop { $0 == UInt8(ascii: "-") }
    let isWhole = digits.allSatisfy { $0 &- UInt8(ascii: "0") < 10 }
    guard isWhole || allowsFraction else { return nil }
    // As it is, where that is how the file has it: a number may have any number of digits.
    if format.isPlain, isWhole || !digits.contains(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
      return Array(number.text.utf8)
    }
    return format.text(of: number, allowsFraction: allowsFraction, isFixed: isFixed)
  }
}
