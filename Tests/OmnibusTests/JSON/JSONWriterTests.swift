import Omnibus
import Testing

@Suite("writing values as JSON")
struct JSONWriterTests {
  @Test(
    "every type that JSON can say",
    arguments: [
      (Value.null, "null"), (.bool(true), "true"), (.int(.min), "-9223372036854775808"),
      (.uint(.max), "18446744073709551615"),
      (.double(0.1), "0.1"), (.decimal(ExactDecimal(unchecked: "1.00")), "1.00"),
      (.string("a\"\\\n\u{1}é"), #""a\"\\\n\u0001é""#),
      (.bytes(Array("light w".utf8)), "\"bGlnaHQgdw==\""), (.bytes([]), "\"\""),
      (.bytes([0xFF, 0xFE, 0xFD]), "\"//79\""),
      (.timestamp(Timestamp(seconds: 1_714_566_600, nanoseconds: 250_000_000)), "\"2024-05-01T12:30:00.25Z\""),
      (.timestamp(Timestamp(seconds: -62_135_596_800, nanoseconds: 0)), "\"0001-01-01T00:00:00Z\""),
      (.timestamp(Timestamp(seconds: 951_782_400, nanoseconds: 1)), "\"2000-02-29T00:00:00.000000001Z\""),
      (.duration(.milliseconds(1500)), "\"1.5s\""), (.duration(.milliseconds(-250)), "\"-0.25s\""),
      (.list([.int(1), .list([])]), "[1,[]]"),
      (.map(ValueMap([("a", .int(1)), ("b", .map(ValueMap()))])), #"{"a":1,"b":{}}"#),
    ])
  func values(value: Value, expected: String) throws {
    #expect(String(decoding: try value.jsonBytes(), as: UTF8.self) == expected)
  }

  @Test("what JSON cannot say is a failure", arguments: [Value.double(.nan), .double(.infinity), .type("int")])
  func unsayable(value: Value) {
    #expect(throws: Failure.self) { try Value.list([value]).jsonBytes() }
  }

  @Test("keys that are no strings become strings")
  func keys() throws {
    var map = ValueMap()
    map.append(uniqueKey: .int(-1), .null)
    map.append(uniqueKey: .bool(true), .null)
    #expect(String(decoding: try Value.map(map).jsonBytes(), as: UTF8.self) == #"{"-1":null,"true":null}"#)
  }

  @Test("values that are nested without end are a failure, not a crash")
  func depth() {
    var value = Value.null
    for _ in 0..<5_000 { value = .list([value]) }
    #expect(throws: Failure.self) { try value.jsonBytes() }
  }

  @Test("a builder's text reads like one that was parsed")
  func builder() throws {
    var builder = JSONTextBuilder()
    for round in 0..<3 {
      builder.beginObject()
      builder.name(JSONName("a\"b"))
      builder.beginArray()
      Array("12".utf8).withUnsafeBufferPointer { builder.number($0, isInteger: true) }
      builder.bool(true)
      builder.null()
      builder.beginObject()
      builder.endObject()
      builder.endArray()
      builder.name(JSONName("c"))
      var text = String(repeating: "é\n\"", count: 1000 * round)
      text.withUTF8 { builder.string($0) }
      builder.endObject()
      let finished = builder.finish()
      let built = try #require(finished)
      let bytes = built.withBytes { Array($0) }
      let parsed = try JSONText.parse(bytes)
      let isSame =
        try JSONTextTests.rebuilt(.json(built.root)).jsonBytes()
        == JSONTextTests.rebuilt(.json(parsed.root)).jsonBytes()
      #expect(isSame && built.root.count == 2)
      #expect(built.root.member("a\"b")?.count == 4)
      #expect(built.root.member("c")?.string == text)
    }
  }
}
