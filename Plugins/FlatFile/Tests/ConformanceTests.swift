import FlatFilePlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("flat_file, conformance")
struct ConformanceTests {
  private static let lines = "1,Ada,1815-12-10\r\n2,\"Grace, \"\"Amazing\"\"\nHopper\",1906-12-09\r\n"
  private static let columns: Configuration = [
    "header": false,
    "columns": [["name": "id", "type": "integer"], ["name": "name"], ["name": "born", "type": "date"]],
  ]

  @Test("as a splitter") func splitter() async {
    await Conformance.splitter(
      "flat_file", of: .flatFile,
      samples: ["id,name\n1,a\n2,b\n", "id,name\r\n1,\"a\r\nb\"\r\n2,\"\"\"x\"\"\"\r\n,\r\n3"].map { Array($0.utf8) },
      header: Array("id,name\n".utf8), repeated: Array("1,\"Ada \"\"Countess\"\"\"\n2,Grace\n".utf8))
  }

  @Test("as a splitter with columns of types") func typedSplitter() async {
    await Conformance.splitter(
      "flat_file", of: .flatFile, options: Self.columns,
      samples: [Array(Self.lines.utf8), Array((Self.lines + "x,bad,line\r\n").utf8)],
      repeated: Array(Self.lines.utf8))
  }

  @Test("parse_flat_file") func parse() async {
    await Conformance.transformer(
      "parse_flat_file", of: .flatFile, samples: [csv("id,name\n1,a\n2,b\n")], produces: "application/json",
      growing: { csv("id,name\n" + String(repeating: "1,\"Ada\"\n", count: $0 / 8)) })
  }

  @Test("write_flat_file") func write() async throws {
    let records = try JSONDocument(parsing: Array(#"[{"id":1,"name":"a,b"},{"id":2,"name":null}]"#.utf8))
    await Conformance.transformer(
      "write_flat_file", of: .flatFile, samples: [Message(body: .document(records))], produces: "text/csv")
  }
}

private func csv(_ text: String) -> Message {
  Message(headers: ["content-type": "text/csv"], body: .bytes(Array(text.utf8)))
}
