import Omnibus

/// `size`, and the tests on strings (cel-spec, "List of Standard Definitions").
enum StandardFunctions {
  static let all: [Function] =
    [
      .global("size", sizes, .unary { value, _ throws(Fault) in try size(value) }),
      .member("size", sizes, .unary { value, _ throws(Fault) in try size(value) }),
      .global("type", [[.dyn] => .type], .unary { value, _ throws(Fault) in .type(value.typeName) }),
      .global("dyn", [[.dyn] => .dyn], .unary { value, _ throws(Fault) in value }),
      test("startsWith") { Text.hasPrefix($0, $1) },
      test("endsWith") { Text.hasSuffix($0, $1) },
      test("contains") { Text.contains($0, $1) },
      .member("matches", [[.string, .string] => .bool], .binary(matches)),
      .global("matches", [[.string, .string] => .bool], .binary(matches)),
    ]

  private static let sizes: [Function.Signature] = [
    [.string] => .int, [.bytes] => .int, [.list(.dyn)] => .int, [.map(.dyn)] => .int,
  ]

  private static func size(_ value: Value) throws(Fault) -> Value {
    switch value {
    case .string(let string): return .int(Int64(string.unicodeScalars.count))
    case .bytes(let bytes): return .int(Int64(bytes.count))
    default:
      guard let count = value.elementCount else { throw .noSuchOverload }
      return .int(Int64(count))
    }
  }

  private static func test(
    _ name: String, _ holds: @escaping @Sendable (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Bool
  ) -> Function {
    .member(
      name, [[.string, .string] => .bool],
      .binary { text, part, frame throws(Fault) in
        var text = try text.asString()
        var part = try part.asString()
        try frame.charge(bytes: text.utf8.count)
        return .bool(text.withUTF8 { text in part.withUTF8 { holds(text, $0) } })
      })
  }

  @Sendable private static func matches(
    _ text: Value, _ pattern: Value, _ frame: inout Frame
  ) throws(Fault) -> Value {
    let pattern = try RegularExpression.cached(try pattern.asString())
    return .bool(try pattern.matches(try text.asString(), &frame))
  }
}
