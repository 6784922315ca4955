/// A place in an indexed JSON text: a value that is read when it is asked for. Copying it retains the text.
public struct JSONNode: Sendable {
  /// JSON's types, numbers told apart by how they are written.
  public enum Kind: UInt8, Sendable {
    case null = 0
    case `false` = 1
    case `true` = 2
    /// A number without fraction and exponent; may be larger than any integer type.
    case integer = 3
    /// A number with a fraction or an exponent.
    case decimal = 4
    case string = 5
    case array = 7
    case object = 8
  }

  /// The text and its index.
  public let text: JSONText
  let index: Int

  /// Whether this is all of the text, not a part of it.
  public var isWholeText: Bool { index == 0 }

  /// What sort of value stands here.
  public var kind: Kind { text.kind(at: index) }

  /// Elements of an array, names of an object, 0 for any other.
  public var count: Int { text.count(at: index) }

  /// The member `name` of an object; nil otherwise.
  public func member(_ name: String) -> JSONNode? {
    var name = name
    return name.withUTF8 { text.member($0, at: index) }.map { JSONNode(text: text, index: $0) }
  }

  /// The element at `place`, from 0, of an array; nil otherwise.
  public func element(_ place: Int) -> JSONNode? {
    text.element(place, at: index).map { JSONNode(text: text, index: $0) }
  }

  /// Calls `body` for each member in order, with its name unescaped.
  public func forEachMember(_ body: (String, JSONNode) throws -> Void) rethrows {
    try text.forEachMember(at: index) { try body(text.string(at: $0), JSONNode(text: text, index: $1)) }
  }

  /// Calls `body` for each element in order.
  public func forEachElement(_ body: (JSONNode) throws -> Void) rethrows {
    try text.forEachElement(at: index) { try body(JSONNode(text: text, index: $0)) }
  }

  /// The string, unescaped; nil for other kinds.
  public var string: String? { kind == .string ? text.string(at: index) : nil }

  /// Hands the raw bytes of the value, with a string's quotes, to `body`.
  public func withSource<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
    try body(text.source(at: index))
  }

  /// The value of a scalar; nil for arrays and objects. A whole number that fits is an int, any other number an exact
  /// decimal.
  public var scalar: Value? {
    switch kind {
    case .null: .null
    case .false: .bool(false)
    case .true: .bool(true)
    case .string: .string(text.string(at: index))
    case .integer, .decimal: number
    case .array, .object: nil
    }
  }

  private var number: Value {
    withSource { source in
      if kind == .integer, let value = Self.integer(source) { return .int(value) }
      return .decimal(ExactDecimal(unchecked: String(decoding: source, as: UTF8.self)))
    }
  }

  private static func integer(_ source: UnsafeBufferPointer<UInt8>) -> Int64? {
    let isNegative = source.first == UInt8(ascii: "-")
    var value: Int64 = 0
    for digit in source.dropFirst(isNegative ? 1 : 0) {
      let (tenfold, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let step = Int64(digit - UInt8(ascii: "0"))
      let (sum, tooFar) =
        isNegative ? tenfold.subtractingReportingOverflow(step) : tenfold.addingReportingOverflow(step)
      if tooLarge || tooFar { return nil }
      value = sum
    }
    return value
  }
}
