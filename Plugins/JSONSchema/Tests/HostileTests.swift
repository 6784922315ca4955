import JSONSchemaPlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("validate_json, hostile bodies and schemas")
struct HostileTests {
  @Test("a schema of which each level is looked at twice is given up, and soon")
  func exponential() throws {
    let run = try SchemaRun([
      "schema.json":
        ##"{"$defs":{"n":{"anyOf":[{"properties":{"a":{"$ref":"#/$defs/n"}},"required":["x"]},{"properties":{"a":{"$ref":"#/$defs/n"}},"required":["y"]}]}},"$ref":"#/$defs/n"}"##
    ])
    let deep = String(repeating: "{\"a\":", count: 100) + "1" + String(repeating: "}", count: 100)
    let start = ContinuousClock.now
    #expect(run.failure(of: deep)?.reason.contains("more work") == true)
    #expect(ContinuousClock.now - start < .seconds(120))
  }

  @Test("a recursive schema goes as deep as JSON does")
  func deep() throws {
    let run = try SchemaRun([
      "schema.json":
        ##"{"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"properties":{"a":{"$ref":"#"}},"additionalProperties":false}}}"##
    ])
    let depth = 127
    let deep = String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
    #expect(run.failure(of: deep) == nil)
    #expect(run.failure(of: deep.replacing("1", with: "{\"b\":1}"))?.problems.count == 1)
  }

  @Test("elements are compared in time that grows with their number")
  func unique() throws {
    let run = try SchemaRun(["schema.json": ##"{"uniqueItems":true}"##])
    func body(_ count: Int) -> String { "[" + (0..<count).map { "{\"n\":\($0)}" }.joined(separator: ",") + "]" }
    let big = body(100_000)
    let start = ContinuousClock.now
    #expect(run.failure(of: big) == nil)
    #expect(ContinuousClock.now - start < .seconds(120))
  }

  @Test("numbers of any length are compared exactly, and soon")
  func numbers() throws {
    let run = try SchemaRun(["schema.json": ##"{"multipleOf":3,"minimum":0}"##])
    let long = String(repeating: "9", count: 1_000_000)
    #expect(run.failure(of: long) == nil)
    #expect(run.failure(of: long + "1") != nil)
    #expect(run.failure(of: "3e999999999999999999999999") == nil)
    #expect(run.failure(of: "1e-999999999999999999999999") != nil)
  }

  @Test(
    "a schema that leads back to itself is refused",
    arguments: [
      ##"{"$ref":"#"}"##, ##"{"allOf":[{"anyOf":[{"not":{"$ref":"#"}}]}]}"##,
      ##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##,
    ])
  func endless(schema: String) {
    let problems = #expect(throws: Diagnostics.self) { try SchemaRun(["schema.json": schema]) }
    #expect(problems?.all.first?.message.contains("leads back to itself") == true)
  }

  @Test("whatever is changed in schemas and bodies, they are read or refused, and twice in the same way")
  func changed() throws {
    let schemas = KeywordTests.cases.map(\.schema) + (ReferenceTests.identifiers + ReferenceTests.dynamic).map(\.schema)
    let bodies = KeywordTests.cases.map { ($0.valid + $0.invalid).first ?? "1" }
    // The same numbers in each run (Knuth's constants).
    var state: UInt64 = 42
    func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % max(count, 1)
    }
    func changed(_ text: String, by pieces: [[UInt8]]) -> [UInt8] {
      var bytes = Array(text.utf8)
      for _ in 0...next(3) {
        let place = next(bytes.count)
        switch next(4) {
        case 0: bytes[place] = UInt8(next(256))
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(contentsOf: pieces[next(pieces.count)], at: place)
        default: bytes.swapAt(place, next(bytes.count))
        }
        if bytes.isEmpty { return [0x31] }
      }
      return bytes
    }
    let pieces = ["[", "{", "\"", ":", ",", "#", "$ref", "\\", "1e400", "-1", "(?=", "*", "null", "é", "\0"].map {
      Array($0.utf8)
    }
    var compiled = 0
    for _ in 0..<3000 {
      let schema = changed(schemas[next(schemas.count)], by: pieces)
      guard let run = try? SchemaRun(schema: schema, ["check_formats": true]) else { continue }
      compiled += 1
      for _ in 0..<3 {
        let message = Message(body: .bytes(changed(bodies[next(bodies.count)], by: pieces)))
        let failure = run.failure(of: message)
        #expect(failure == nil || failure?.kind == .invalid)
        #expect(run.failure(of: message)?.reason == failure?.reason)
      }
    }
    #expect(compiled > 100)
  }
}
