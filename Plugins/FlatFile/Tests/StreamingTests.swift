import FlatFilePlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("streaming a flat file")
struct StreamingTests {
  static let text = """
    \u{FEFF}Title "x\r
    a,b,"c"\r
    1,"x, ""y""\r
    z",é\r
    # a comment\r
    \r
    2,"bad" x,3\r
    3,4\r
    "5",\\"6,7\r8,"",9\n10,"\u{1F600}",\u{1}
    """

  @Test(
    "pieces of every size give the same records",
    arguments: [
      ["skip_rows": 1, "comment": "# "], ["skip_rows": 1, "comment": "# ", "escape": "backslash", "trim": true],
      ["skip_rows": 1, "quote": "none"],
      ["skip_rows": 1, "columns": [["name": "b"], ["name": "a", "type": "integer"]]],
    ] as [Configuration])
  func everySize(options: Configuration) async throws {
    let bytes = Array(Self.text.utf8)
    let whole = try await FlatFileRun.split(.bytes(bytes), options)
    #expect(whole.count > 4)
    for size in 1...bytes.count {
      let parts = try await FlatFileRun.split(bytes, piecesOf: size, options)
      #expect(parts == whole, "pieces of \(size)")
    }
  }

  @Test("files with bytes changed never crash, and read alike in one piece and in many")
  func mutations() async throws {
    var random = SystemRandomNumberGenerator()
    let text = Array(Self.text.utf8)
    for round in 0..<2_000 {
      var mutated = text
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: mutated.indices, using: &random)
        mutated[place] = Bool.random() ? Array("\",\r\n\\#x".utf8).randomElement() ?? 0 : .random(in: 0...255)
      }
      let options: Configuration = round % 2 == 0 ? [:] : ["escape": "backslash", "comment": "#", "bare_quotes": true]
      let whole = try? await FlatFileRun.split(.bytes(mutated), options)
      let pieces = try? await FlatFileRun.split(mutated, piecesOf: .random(in: 1...9, using: &random), options)
      #expect(whole == pieces)
    }
  }

  @Test("a stream that breaks ends the reading with its error")
  func broken() async {
    let cursor = Cursor()
    let stream = BodyStream {
      if cursor.advance() > 0 { throw Failure(.unavailable, "gone") }
      return Array("a\n1\n2\n3".utf8)
    }
    await #expect(throws: Failure.self) { try await FlatFileRun.split(.stream(stream)) }
  }
}
