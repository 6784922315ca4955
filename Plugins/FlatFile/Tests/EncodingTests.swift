import FlatFilePlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("encodings of flat files")
struct EncodingTests {
  private static let text = "name;ort\r\nZoë;Köln\r\n€uro;\"a;\nb\"\r\n"
  private static let records = [#"1@2 {"name":"Zoë","ort":"Köln"}"#, #"2@3 {"name":"€uro","ort":"a;\nb"}"#]

  @Test(
    "each is read alike in pieces of every size, and written as the very bytes",
    arguments: [TextEncoding.utf8, .windows1252, .utf16, .utf16LittleEndian, .utf16BigEndian])
  func delimited(encoding: TextEncoding) async throws {
    let layout: Configuration = ["delimiter": ";", "encoding": Configuration(stringLiteral: encoding.rawValue)]
    let bytes = try encoding.encode(Array(Self.text.utf8))
    for size in 1...bytes.count {
      #expect(try await FlatFileRun.split(bytes, piecesOf: size, layout) == Self.records, "pieces of \(size)")
    }
    let read = try FlatFileRun.transform("parse_flat_file", layout, .bytes(bytes))
    let written = try FlatFileRun.transform("write_flat_file", layout, read.body)
    #expect(try written.bodyBytes() == bytes)
    let charset = encoding == .utf8 ? "" : "; charset=\(encoding.rawValue)"
    #expect(written.contentType == "text/csv\(charset)")
  }

  @Test("widths count characters, however many bytes each has", arguments: [TextEncoding.utf8, .utf16BigEndian])
  func fixedWidth(encoding: TextEncoding) async throws {
    let layout: Configuration = [
      "form": "fixed_width", "encoding": Configuration(stringLiteral: encoding.rawValue), "line_ending": "lf",
      "columns": [["name": "a", "width": 3], ["name": "b", "width": 2, "align": "right"]],
    ]
    let bytes = try encoding.encode(Array("é😀  x\n€  ñß\n".utf8))
    for size in 1...bytes.count {
      #expect(
        try await FlatFileRun.split(bytes, piecesOf: size, layout) == [
          #"1@1 {"a":"é😀","b":"x"}"#, #"2@2 {"a":"€","b":"ñß"}"#,
        ])
    }
    let read = try FlatFileRun.transform("parse_flat_file", layout, .bytes(bytes))
    #expect(try FlatFileRun.transform("write_flat_file", layout, read.body).bodyBytes() == bytes)
  }

  @Test("bytes that stand for no character make a bad record with its own bytes, and others go on")
  func invalid() async throws {
    for (encoding, line) in [
      (TextEncoding.windows1252, [0x78, 0xE9, 0x81, 0x3B, 0x79] as [UInt8]),
      (.utf16LittleEndian, [0x78, 0, 0xE9, 0, 0x00, 0xDC, 0x3B, 0, 0x79, 0]),
      (.utf16LittleEndian, [0x78, 0, 0xE9, 0, 0x00, 0xD8, 0x3B, 0, 0x79, 0]),
      (.utf8, [0x78, 0xC3, 0xA9, 0xFF, 0x3B, 0x79]),
    ] {
      let bytes = try encoding.encode(Array("a;b\n1;2\n".utf8)) + line + encoding.encode(Array("\n3;4\n".utf8))
      let layout: Configuration = ["delimiter": ";", "encoding": Configuration(stringLiteral: encoding.rawValue)]
      for size in [1, 2, 3, bytes.count] {
        let parts = try await sources(bytes, layout, piecesOf: size)
        let name = encoding == .utf8 ? "UTF-8" : encoding.rawValue
        #expect(parts.first?.reason == "record 2 at line 3: is not \(name), at line 3, column 3")
        #expect(try parts.first?.source == line + encoding.encode([0x0A]))
        #expect(parts.count == 1)
      }
      var entries: [(String, Configuration)] = [("delimiter", ";"), ("invalid_characters", "replace")]
      entries.append(("encoding", Configuration(stringLiteral: encoding.rawValue)))
      let lenient = try await FlatFileRun.split(bytes, piecesOf: 3, Configuration(entries: entries))
      #expect(
        lenient == [#"1@2 {"a":"1","b":"2"}"#, "2@3 {\"a\":\"xé\u{FFFD}\",\"b\":\"y\"}", #"3@4 {"a":"3","b":"4"}"#])
    }
  }

  @Test("a file in UTF-16 that ends within a character has a bad last record")
  func truncated() async throws {
    let bytes = try TextEncoding.utf16LittleEndian.encode(Array("a\n1\n2".utf8)).dropLast()
    let parts = try await FlatFileRun.split(Array(bytes), piecesOf: 1, ["encoding": "utf-16le"])
    #expect(parts.count == 2 && parts[1].hasPrefix("2@3 record 2 at line 3: is not utf-16le, at line 3, column 1"))
  }

  @Test("UTF-16 without a byte order mark fails the file")
  func noMark() async throws {
    let bytes = try TextEncoding.utf16LittleEndian.encode(Array("a\n1\n".utf8))
    await #expect(throws: Failure.self) { try await FlatFileRun.split(.bytes(bytes), ["encoding": "utf-16"]) }
    #expect(throws: Failure.self) {
      try FlatFileRun.transform("parse_flat_file", ["encoding": "utf-16"], .bytes(bytes))
    }
  }

  @Test("a character that the encoding does not have is a failure with record and column")
  func unmappable() {
    for (json, reason) in [
      (
        #"[{"a":"é","b":"x"},{"a":"x","b":"Ł"}]"#,
        "record 2: column 2 (b) has a character that the encoding does not have"
      ),
      (#"{"a":"😀"}"#, "record 1: column 1 (a) has a character that the encoding does not have"),
    ] {
      let layout: Configuration = ["encoding": "windows-1252", "columns": [["name": "a"], ["name": "b"]]]
      #expect { try FlatFileRun.write(json, layout) } throws: { ($0 as? Failure)?.reason == reason }
    }
  }

  private func sources(
    _ bytes: [UInt8], _ layout: Configuration, piecesOf size: Int
  ) async throws -> [(reason: String, source: [UInt8])] {
    guard case .splitter(let splitter) = try ComponentLoader([.flatFile]).make(.splitter, "flat_file", layout) else {
      return []
    }
    let stream = FlatFileRun.stream(bytes, piecesOf: size)
    var reader = try splitter.parts(of: .stream(stream), headers: Headers(), .testing())
    var bad: [(String, [UInt8])] = []
    while let part = try await reader.next() {
      if case .bad(let failure, let source) = part.content { bad.append((failure.reason, source)) }
    }
    return bad
  }
}
