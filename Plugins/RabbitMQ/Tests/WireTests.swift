import Omnibus
import Testing

@testable import RabbitMQPlugin

@Suite("rabbitmq on the wire")
struct WireTests {
  @Test("every type of a field is read") func fields() throws {
    var table: [UInt8] = []
    func add(_ name: String, _ bytes: [UInt8]) {
      table += [UInt8(name.utf8.count)] + Array(name.utf8) + bytes
    }
    func kind(_ letter: Character) -> UInt8 { letter.asciiValue ?? 0 }
    add("t", [kind("t"), 1])
    add("b", [kind("b"), 0xFE])
    add("B", [kind("B"), 0xFE])
    add("s", [kind("s"), 0xFF, 0xFE])
    add("u", [kind("u"), 0xFF, 0xFE])
    add("I", [kind("I"), 0xFF, 0xFF, 0xFF, 0xFE])
    add("i", [kind("i"), 0xFF, 0xFF, 0xFF, 0xFE])
    add("l", [kind("l")] + [UInt8](repeating: 0xFF, count: 8))
    add("L", [kind("L")] + [UInt8](repeating: 0xFF, count: 8))
    add("f", [kind("f"), 0x3F, 0xC0, 0, 0])
    add("d", [kind("d"), 0x3F, 0xF8, 0, 0, 0, 0, 0, 0])
    add("D", [kind("D"), 2, 0, 0, 0, 150])
    add("S", [kind("S"), 0, 0, 0, 2, kind("h"), kind("i")])
    add("x", [kind("x"), 0, 0, 0, 1, 0xFF])
    add("T", [kind("T"), 0, 0, 0, 0, 0, 0, 0, 1])
    add("V", [kind("V")])
    add("A", [kind("A"), 0, 0, 0, 2, kind("V"), kind("V")])
    add("F", [kind("F"), 0, 0, 0, 3, 1, kind("k"), kind("V")])
    var bytes: [UInt8] = []
    bytes.append(bigEndian: UInt32(table.count))
    bytes += table
    let map = try #require(
      bytes.withUnsafeBytes { bytes -> ValueMap? in
        var reader = FieldReader(bytes)
        return reader.map()
      })
    #expect(map.count == 18)
    let texts: [(String, String)] = [
      ("t", "true"), ("b", "-2"), ("B", "254"), ("s", "-2"), ("u", "65534"), ("I", "-2"), ("i", "4294967294"),
      ("l", "-1"), ("L", "18446744073709551615"), ("f", "1.5"), ("d", "1.5"), ("D", "1.50"), ("S", "hi"),
      ("T", "1970-01-01T00:00:01Z"),
    ]
    for (name, text) in texts { #expect(map[name]?.headerText == text, "\(name)") }
  }

  @Test("what ends too early, goes too deep, or says more than there is, is refused") func broken() throws {
    var properties = MessageProperties()
    properties.contentType = "text/plain"
    properties.headers = [("a", .list([.map(ValueMap([("b", .int(1))])), .string("c")])), ("d", .double(2))]
    properties.correlationID = "x"
    properties.timestamp = 5
    var bytes: [UInt8] = []
    try properties.write(to: &bytes)
    let whole = try #require(ReceivedProperties(bytes))
    #expect(whole.correlationID == "x" && whole.headers["d"] == "2.0")
    for count in 0..<bytes.count { #expect(ReceivedProperties(Array(bytes[..<count])) == nil, "\(count)") }
    for place in bytes.indices {
      for change: UInt8 in [0x01, 0x80, 0xFF] {
        var changed = bytes
        changed[place] ^= change
        // It is refused or read, and nothing is read behind the end: the test runs to its own.
        _ = ReceivedProperties(changed)
      }
    }
    var deep = Value.int(1)
    for _ in 0..<FieldWriter.maxDepth { deep = .list([deep]) }
    properties.headers = [("deep", deep)]
    #expect(throws: Failure.self) { try properties.write(to: &bytes) }
    properties.headers = [("long", .string(String(repeating: "x", count: FieldWriter.maxBytes)))]
    #expect(throws: Failure.self) { try properties.write(to: &bytes) }
    properties.headers = []
    properties.messageID = String(repeating: "x", count: 256)
    #expect(throws: Failure.self) { try properties.write(to: &bytes) }
  }

  @Test("acknowledgements go in one frame up to the first that is under way, and alone where that takes long")
  func settled() {
    var settled = Settled()
    for number: UInt64 in [1, 2, 3, 5, 6] { settled.noteWorkedOn(number, at: 0) }
    #expect(settled.frames(at: 0) == [.init(number: 3, multiple: true)])
    #expect(settled.isBehind)
    #expect(settled.frames(at: Settled.patience - 1).isEmpty)
    #expect(
      settled.frames(at: Settled.patience).sorted { $0.number < $1.number } == [
        .init(number: 5, multiple: false), .init(number: 6, multiple: false),
      ])
    #expect(!settled.isBehind)
    settled.noteTold(7)
    settled.noteWorkedOn(4, at: 0)
    settled.noteWorkedOn(8, at: 0)
    settled.noteTold(9)
    // 9 was told, so the broker would not know it any more.
    #expect(settled.frames(at: 0) == [.init(number: 8, multiple: true)])
    settled.noteWorkedOn(10, at: 0)
    #expect(settled.frames(at: 0) == [.init(number: 10, multiple: false)])
  }

  @Test("confirms end the messages that they are for, in whatever order they come") func window() throws {
    var window = PublishWindow()
    let all = try (0..<10_000).map {
      try Publication(key: "", MessageProperties(), body: [], name: "\($0)", deadline: 0)
    }
    for publication in all { window.append(publication) }
    var taken: [String] = []
    window.take(2, multiple: false) { taken.append($0.name) }
    window.take(3, multiple: true) { taken.append($0.name) }
    window.take(3, multiple: true) { taken.append($0.name) }
    window.take(0, multiple: false) { taken.append($0.name) }
    window.take(20_000, multiple: true) { taken.append($0.name) }
    #expect(taken == ["1", "0", "2"])
    #expect(window.count == 9997)
    window.take(5000, multiple: true) { taken.append($0.name) }
    window.take(5001, multiple: false) { taken.append($0.name) }
    #expect(taken.count == 5001 && taken.last == "5000")
    window.take(0, multiple: true) { taken.append($0.name) }
    #expect(taken == ["1", "0"] + (2..<10_000).map(String.init))
    #expect(window.count == 0)
  }
}
