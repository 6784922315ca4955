import FlatFilePlugin
import Omnibus
import OmnibusTesting
import Testing

/// Layouts and records that are made up, from seeds that a failure names.
@Suite("generated layouts")
struct GeneratedLayoutTests {
  @Test("what is written by any layout is read as it was, whole and in pieces", arguments: 0..<150)
  func roundTrip(seed: Int) async throws {
    var made = MadeUp(seed: UInt64(seed) &+ 1)
    let (layout, records) = made.layoutWithRecords()
    let json = "[\(records.joined(separator: ","))]"
    let document = try JSONDocument(parsing: Array(json.utf8))
    let written = try FlatFileRun.transform("write_flat_file", layout, .document(document))
    let bytes = try written.bodyBytes()
    let read = try FlatFileRun.transform("parse_flat_file", layout, .bytes(bytes))
    #expect(String(decoding: try read.bodyBytes(), as: UTF8.self) == json)
    let parts = try await FlatFileRun.split(bytes, piecesOf: 1 + seed % 13, layout)
    #expect(parts.map { String($0.drop { $0 != " " }.dropFirst()) } == records)
    let again = try FlatFileRun.transform("write_flat_file", layout, read.body)
    #expect(try again.bodyBytes() == bytes)
  }
}

/// Makes layouts and records up.
private struct MadeUp {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

  /// A number below `limit` (splitmix64).
  private mutating func below(_ limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(limit))
  }

  private mutating func one(of words: [String]) -> String { words[below(words.count)] }

  /// A layout, and records as JSON that fit it.
  mutating func layoutWithRecords() -> (Configuration, [String]) {
    let isFixed = below(3) > 0
    let isTyped = below(2) == 0
    var entries: [(String, Configuration)] = [
      ("form", isFixed ? "fixed_width" : "delimited"),
      ("line_ending", Configuration(stringLiteral: one(of: ["lf", "crlf"]))),
      (
        "encoding",
        Configuration(stringLiteral: one(of: ["utf-8", "windows-1252", "utf-16", "utf-16be", "iso-8859-1"]))
      ),
    ]
    if !isFixed { entries.append(("delimiter", Configuration(stringLiteral: one(of: [",", ";", "|", "\t"])))) }
    let types = (0..<(isTyped ? 1 + below(3) : 1)).map {
      type(named: "t\($0)", isFixed: isFixed, isTyped: isTyped, depth: 0)
    }
    if isTyped {
      entries.append(("type_member", "type"))
      entries.append(("order", "any"))
      entries.append(("records", Configuration(elements: types.map(\.layout))))
    } else {
      if !isFixed { entries.append(("header", Configuration(booleanLiteral: below(2) == 0))) }
      entries.append(("columns", types[0].columns))
    }
    var records: [String] = []
    for _ in 0..<(1 + below(12)) {
      let type = types[below(types.count)]
      records.append(record(of: type, typeMember: isTyped))
    }
    return (Configuration(entries: entries), records)
  }

  struct Made {
    var name: String
    var layout: Configuration
    var columns: Configuration
    var kinds: [(name: String, kind: Int, width: Int)]
    var below: [Made]
  }

  private mutating func type(named name: String, isFixed: Bool, isTyped: Bool, depth: Int) -> Made {
    var kinds: [(name: String, kind: Int, width: Int)] = []
    var columns: [Configuration] = []
    if isTyped {
      columns.append(column("tag", isFixed: isFixed, width: 6, [("value", Configuration(stringLiteral: name))]))
    }
    for place in 0..<(1 + below(6)) {
      let kind = below(isFixed ? 7 : 5)
      let width = 8 + below(9)
      kinds.append(("c\(place)", kind, width))
      columns.append(column("c\(place)", isFixed: isFixed, width: kind == 3 ? 10 : width, options(kind)))
    }
    var below: [Made] = []
    if isTyped, depth < 2, self.below(3) == 0 {
      below = (0..<2).map { type(named: "\(name)\($0)", isFixed: isFixed, isTyped: true, depth: depth + 1) }
    }
    let match: Configuration = ["column": "tag", "is": Configuration(stringLiteral: name)]
    var layout: [(String, Configuration)] = [
      ("name", Configuration(stringLiteral: name)), ("match", match), ("columns", Configuration(elements: columns)),
    ]
    if !below.isEmpty { layout.append(("records", Configuration(elements: below.map(\.layout)))) }
    return Made(
      name: name, layout: Configuration(entries: layout), columns: Configuration(elements: columns), kinds: kinds,
      below: below)
  }

  private func column(
    _ name: String, isFixed: Bool, width: Int, _ options: [(String, Configuration)]
  ) -> Configuration {
    var entries: [(String, Configuration)] = [("name", Configuration(stringLiteral: name))]
    if isFixed { entries.append(("width", Configuration(integerLiteral: width))) }
    return Configuration(entries: entries + options)
  }

  private mutating func options(_ kind: Int) -> [(String, Configuration)] {
    switch kind {
    case 0: []
    case 1: [("type", "integer")]
    case 2: [("type", "decimal"), ("decimal_separator", Configuration(stringLiteral: one(of: [".", ",", ":"])))]
    case 3:
      [("type", "date"), ("format", Configuration(stringLiteral: one(of: ["yyyyMMdd", "d.M.yyyy", "yyyy-MM-dd"])))]
    case 4: [("type", "code"), ("codes", ["1": "one", "2": "two"])]
    case 5:
      [
        ("type", "integer"), ("sign", Configuration(stringLiteral: one(of: ["trailing", "overpunch", "leading"]))),
        ("pad", "0"),
      ]
    default:
      [("type", "decimal"), ("implied_decimals", 2), ("pad", Configuration(stringLiteral: one(of: ["0", "*", " "])))]
    }
  }

  private mutating func record(of type: Made, typeMember: Bool, isBelow: Bool = false) -> String {
    var members: [String] = []
    if typeMember {
      if !isBelow { members.append("\"type\":\"\(type.name)\"") }
      members.append("\"tag\":\"\(type.name)\"")
    }
    for (name, kind, width) in type.kinds { members.append("\"\(name)\":\(value(kind, width))") }
    for below in type.below {
      let count = self.below(3)
      let records = (0..<count).map { _ in record(of: below, typeMember: true, isBelow: true) }
      members.append("\"\(below.name)\":[\(records.joined(separator: ","))]")
    }
    return "{\(members.joined(separator: ","))}"
  }

  private mutating func value(_ kind: Int, _ width: Int) -> String {
    if kind > 0, below(5) == 0 { return "null" }
    let digits = below(9_999)
    switch kind {
    case 0:
      return "\"x" + String((0..<below(width - 2)).map { _ in Character(one(of: ["a", " ", "ä", "ß", ";", ","])) })
        + "z\""
    case 1, 5: return "\(below(2) == 0 && digits > 0 ? "-" : "")\(digits)"
    case 2, 6: return "\(below(2) == 0 && digits > 0 ? "-" : "")\(digits).\(10 + below(90))"
    case 3: return "\"20\(10 + below(90))-0\(1 + below(9))-\(10 + below(19))\""
    default: return below(2) == 0 ? "\"one\"" : "\"two\""
    }
  }
}
