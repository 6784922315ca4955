import FlatFilePlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("bad records")
struct BadRecordTests {
  private let layout: Configuration = [
    "columns": [["name": "id", "type": "integer"], ["name": "name"], ["name": "born", "type": "date"]]
  ]

  @Test("each is reported with number, line and column, and the rest goes on")
  func report() async throws {
    let text = """
      id,name,born
      1,"Ann
      Lee",2001-01-01
      x,Bob,2001-02-30
      3,Cy "C" Ray,2001-01-01
      4,"Dé" x,2001-01-01
      5,Eve
      6,Fay,2001-01-01,
      7,Guy,2001-01-01
      8,"open,2001-01-01
      9,Ian,2001-01-01
      """
    let parts = try await FlatFileRun.split(.bytes(Array(text.utf8)), layout)
    #expect(
      parts == [
        "1@2 {\"id\":1,\"name\":\"Ann\\nLee\",\"born\":\"2001-01-01\"}",
        "2@4 record 2 at line 4: column 1 (id) is not a whole number; 1 more of its fields are wrong | x,Bob,2001-02-30\n",
        "3@5 record 3 at line 5: has a quote within a field that is not enclosed in quotes, in field 2 (name) at line 5, column 6 | 3,Cy \"C\" Ray,2001-01-01\n",
        "4@6 record 4 at line 6: has text after the closing quote of a field, in field 2 (name) at line 6, column 7 | 4,\"Dé\" x,2001-01-01\n",
        "5@7 record 5 at line 7: expected 3 fields, found 2 | 5,Eve\n",
        "6@8 record 6 at line 8: expected 3 fields, found 4 | 6,Fay,2001-01-01,\n",
        "7@9 {\"id\":7,\"name\":\"Guy\",\"born\":\"2001-01-01\"}",
        "8@10 record 8 at line 10: has a quote that is not closed, in field 2 (name) at line 10, column 3 | 8,\"open,2001-01-01\n9,Ian,2001-01-01",
      ])
  }

  @Test("the failure lists every field by its name")
  func problems() async throws {
    var reader = try splitter().parts(of: .bytes(Array("id,name,born\nx,Bob,y\n".utf8)), headers: Headers(), .testing())
    guard case .bad(let failure, _)? = try await reader.next()?.content else {
      Issue.record("the record is good")
      return
    }
    #expect(failure.kind == .invalid)
    #expect(
      failure.problems == [
        Failure.Problem("is not a whole number", place: "id"),
        Failure.Problem("is not a date as yyyy-MM-dd", place: "born"),
      ])
  }

  @Test("what is not UTF-8 is a bad record")
  func encoding() async throws {
    let bytes = Array("a,b\n1,".utf8) + [0xE9] + Array("\n2,x\n".utf8)
    let parts = try await FlatFileRun.split(.bytes(bytes))
    #expect(parts.first?.hasPrefix("1@2 record 1 at line 2: is not UTF-8") == true)
    #expect(parts.last == "2@3 {\"a\":\"2\",\"b\":\"x\"}")
  }

  @Test("parse_flat_file fails with all bad records")
  func whole() throws {
    #expect {
      try FlatFileRun.parse("a,b\n1\n1,2\n3\n")
    } throws: {
      ($0 as? Failure)?.problems.count == 2
        && ($0 as? Failure)?.reason == "record 1 at line 2: expected 2 fields, found 1; 1 more records cannot be read"
    }
  }

  @Test(
    "a record that is too long is passed over in constant memory, up to where it ends", arguments: [7, 1000, 1 << 16])
  func tooLong(size: Int) async throws {
    let long = String(repeating: "x,\"\"\r\n", count: 200_000)
    let bytes = Array("a,b\r\n1,2\r\n3,\"\(long)\"\r\n5,6\r\n".utf8)
    let parts = try await FlatFileRun.split(bytes, piecesOf: size)
    #expect(parts.count == 3)
    #expect(parts.first == "1@2 {\"a\":\"1\",\"b\":\"2\"}")
    #expect(parts.dropFirst().first?.hasPrefix("2@3 record 2 at line 3: has more than 1048576 bytes") == true)
    #expect(parts.last == "3@200004 {\"a\":\"5\",\"b\":\"6\"}")
  }

  @Test("a record of too many fields is a bad one")
  func tooManyFields() async throws {
    let many = String(repeating: ",", count: 20_000)
    let parts = try await FlatFileRun.split(.bytes(Array("a,b\n\(many)\n1,2\n".utf8)))
    #expect(
      parts.map { String($0.prefix(56)) } == [
        "1@2 record 1 at line 2: expected 2 fields, found 20001 |", "2@3 {\"a\":\"1\",\"b\":\"2\"}",
      ])
    #expect(throws: Failure.self) { try FlatFileRun.parse(String(repeating: "a,", count: 20_000)) }
  }

  @Test("hostile files end", arguments: ["\"", ",", "\0", "\r", "\\", "\"\"", "\",", "\u{FEFF}", "a\"", "é\""])
  func hostile(piece: String) async throws {
    // Just more than a record may hold, except where there is nothing but ends of records.
    let size = piece == "\r" ? 100_000 : 1_060_000
    let bytes = Array("a,b\n".utf8) + Array(String(repeating: piece, count: size / piece.utf8.count).utf8)
    let dialect: Configuration = piece.contains("\\") ? ["escape": "backslash", "trim": true] : ["quote": "none"]
    for options in [[:], dialect] {
      let inMemory = try await FlatFileRun.split(.bytes(bytes), options)
      let streamed = try await FlatFileRun.split(bytes, piecesOf: 300_007, options)
      #expect(inMemory == streamed)
    }
  }

  private func splitter() throws -> any Splitter {
    guard case .splitter(let splitter) = try ComponentLoader([.flatFile]).make(.splitter, "flat_file", layout) else {
      throw Failure(.internal, "no splitter")
    }
    return splitter
  }
}
