import FlatFilePlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("fixed width")
struct FixedWidthTests {
  @Test("columns follow each other, or stand where they say; what fills them up is dropped")
  func columns() throws {
    let layout: Configuration = [
      "form": "fixed_width",
      "columns": [
        ["name": "id", "width": 4, "align": "right", "pad": "0"], ["name": "name", "width": 6],
        ["name": "code", "at": 13, "width": 3], ["width": 1],
        ["name": "raw", "width": 3, "trim": "none"], ["name": "both", "width": 5, "trim": "both", "pad": "*"],
      ],
    ]
    let text = "0012Ann   xxABCy a *b***\r\n9999Ännchn  A    bc     \n"
    #expect(
      try FlatFileRun.parse(text, layout) == """
        [{"id":"12","name":"Ann","code":"ABC","raw":" a ","both":"b"},\
        {"id":"9999","name":"Ännchn","code":"A","raw":" bc","both":"     "}]
        """)
  }

  @Test("numbers, dates and words are read in the forms that files have them in")
  func types() throws {
    let layout: Configuration = [
      "form": "fixed_width",
      "columns": [
        ["name": "implied", "width": 7, "type": "decimal", "implied_decimals": 2, "pad": "0"],
        ["name": "trailing", "width": 6, "type": "integer", "sign": "trailing"],
        ["name": "zoned", "width": 5, "type": "decimal", "implied_decimals": 2, "sign": "overpunch", "pad": "0"],
        [
          "name": "euro", "width": 10, "type": "decimal", "decimal_separator": ",", "thousands_separator": ".",
        ],
        ["name": "born", "width": 8, "type": "date", "format": "yyyyMMdd", "pad": "0"],
        ["name": "short", "width": 6, "type": "date", "format": "ddMMyy"],
        ["name": "ok", "width": 1, "type": "boolean", "true_values": ["Y"], "false_values": ["N"]],
        ["name": "sex", "width": 1, "type": "code", "codes": ["M": "male", "F": "female"]],
        ["name": "kind", "width": 2, "type": "code", "codes": ["A1", "B2"]],
      ],
    ]
    let rows = [
      ["0012345", "   12-", "0123D", "  1.234,50", "20200229", "010269", "N", "M", "A1"],
      ["-001200", "   12 ", "0000}", "12,5      ", "20200101", "310168", "Y", "F", "B2"],
      ["       ", "      ", "     ", "          ", "00000000", "      ", " ", " ", "  "],
    ]
    let text = rows.map { $0.joined() }.joined(separator: "\n")
    #expect(
      try FlatFileRun.parse(text, layout) == """
        [{"implied":123.45,"trailing":-12,"zoned":12.34,"euro":1234.50,"born":"2020-02-29","short":"1969-02-01",\
        "ok":false,"sex":"male","kind":"A1"},\
        {"implied":-12.00,"trailing":12,"zoned":0.00,"euro":12.5,"born":"2020-01-01","short":"2068-01-31",\
        "ok":true,"sex":"female","kind":"B2"},\
        {"implied":null,"trailing":null,"zoned":null,"euro":null,"born":null,"short":null,"ok":null,"sex":null,\
        "kind":null}]
        """)
  }

  @Test(
    "what is no such number is refused",
    arguments: [
      ("integer", ["sign": "trailing"], "-12"), ("integer", ["sign": "trailing"], "12 -"),
      ("integer", ["sign": "none"], "-1"), ("integer", ["sign": "overpunch"], "1A2"),
      ("integer", ["sign": "overpunch"], "S"),
      ("decimal", ["implied_decimals": 2], "1.23"), ("decimal", ["implied_decimals": 2], "-"),
      ("decimal", ["thousands_separator": ","], "12,34"), ("decimal", ["thousands_separator": ","], "1234,567"),
      ("decimal", ["thousands_separator": ","], ",123"), ("decimal", ["thousands_separator": ","], "1,234."),
      ("decimal", ["decimal_separator": ","], "1.5"), ("decimal", ["decimal_separator": ","], "1,2,3"),
      ("decimal", ["thousands_separator": "'"], "1.234'567"), ("integer", [:], "1 2"),
    ] as [(String, Configuration, String)])
  func noNumber(type: String, options: Configuration, field: String) async throws {
    var column: [(String, Configuration)] = [("name", "x"), ("width", 9), ("type", Configuration(stringLiteral: type))]
    for entry in options.node.entries ?? [] {
      column.append((entry.key.text ?? "", Configuration(stringLiteral: entry.value.text ?? "")))
    }
    let layout: Configuration = [
      "form": "fixed_width", "short_records": "pad", "columns": [Configuration(entries: column)],
    ]
    let parts = try await FlatFileRun.split(.bytes(Array(field.utf8)), layout)
    #expect(parts.count == 1 && parts[0].hasPrefix("1@1 record 1 at line 1: column 1 (x) is not "), "\(parts)")
  }

  @Test("short and long records are refused, or taken as the layout says")
  func lengths() async throws {
    let columns: Configuration = [["name": "a", "width": 2], ["name": "b", "width": 3, "type": "integer"]]
    let bytes = Array("ab123\nab1\nab1234\nä \n\n".utf8)
    #expect(
      try await FlatFileRun.split(.bytes(bytes), ["form": "fixed_width", "columns": columns]) == [
        #"1@1 {"a":"ab","b":123}"#, "2@2 record 2 at line 2: expected 5 characters, found 3 | ab1\n",
        "3@3 record 3 at line 3: expected 5 characters, found 6 | ab1234\n",
        "4@4 record 4 at line 4: expected 5 characters, found 2 | ä \n",
      ])
    let lenient: Configuration = [
      "form": "fixed_width", "columns": columns, "short_records": "pad", "long_records": "ignore",
    ]
    #expect(
      try await FlatFileRun.split(.bytes(bytes), lenient) == [
        #"1@1 {"a":"ab","b":123}"#, #"2@2 {"a":"ab","b":1}"#, #"3@3 {"a":"ab","b":123}"#, #"4@4 {"a":"ä","b":null}"#,
      ])
    let delimited: Configuration = [
      "header": false, "short_records": "pad", "long_records": "ignore",
      "columns": [["name": "a"], ["name": "b", "type": "integer"]],
    ]
    #expect(
      try FlatFileRun.parse("x\ny,2,3\nz,4", delimited) == #"[{"a":"x","b":null},{"a":"y","b":2},{"a":"z","b":4}]"#)
  }

  @Test("bad fields are reported by the character that they begin at and their names")
  func badFields() async throws {
    let layout: Configuration = [
      "form": "fixed_width", "comment": "#", "skip_rows": 1,
      "columns": [
        ["name": "name", "width": 5, "required": true], ["name": "n", "width": 3, "type": "integer"],
        ["width": 1, "value": ";"],
      ],
    ]
    let text = "head\n# no\n\nA\u{E9}o    1;\n     1x2;\nBob  123!\nBob\u{0}\"12 ;\n"
    #expect(
      try await FlatFileRun.split(.bytes(Array(text.utf8)), layout) == [
        #"1@4 {"name":"Aéo","n":1}"#,
        "2@5 record 2 at line 5: column 1 (name) is required, and empty; 1 more of its fields are wrong |      1x2;\n",
        "3@6 record 3 at line 6: column 9 (without a name) is not what the layout says | Bob  123!\n",
        #"4@7 {"name":"Bob\u0000\"","n":12}"#,
      ])
  }

  @Test("blocks without line endings have any characters, in pieces of any size")
  func blocks() async throws {
    let layout: Configuration = [
      "form": "fixed_width", "line_ending": "none",
      "columns": [["name": "a", "width": 2, "trim": "none"], ["name": "n", "width": 2, "type": "integer"]],
    ]
    let bytes = Array("\n\r 1é😀12xy?1ab34c".utf8)
    let whole = try await FlatFileRun.split(.bytes(bytes), layout)
    #expect(
      whole == [
        #"1@0 {"a":"\n\r","n":1}"#, #"2@0 {"a":"é😀","n":12}"#,
        "3@0 record 3: column 3 (n) is not a whole number | xy?1", #"4@0 {"a":"ab","n":34}"#,
        "5@0 record 5: expected 4 characters, found 1 | c",
      ])
    for size in 1...bytes.count { #expect(try await FlatFileRun.split(bytes, piecesOf: size, layout) == whole) }
  }

  @Test("defaults stand in for empty fields, and constants are checked")
  func standIns() throws {
    let layout: Configuration = [
      "form": "fixed_width", "line_ending": "lf",
      "columns": [
        ["name": "kind", "width": 3, "value": "D"],
        ["name": "n", "width": 3, "type": "integer", "default": "7", "pad": "0"],
        ["name": "s", "width": 2, "default": "-", "required": true],
      ],
    ]
    #expect(
      try FlatFileRun.parse("D     x \nD  002  \n", layout)
        == #"[{"kind":"D","n":7,"s":"x"},{"kind":"D","n":2,"s":"-"}]"#)
    #expect(try FlatFileRun.write(#"[{"s":"x"},{"kind":"X","n":-2}]"#, layout) == "D  007x \nD  -02- \n")
    #expect(throws: Failure.self) { try FlatFileRun.parse("E  002  \n", layout) }
  }

  @Test("values are written in their widths, and what does not fit is a failure, never cut")
  func writing() throws {
    let layout: Configuration = [
      "form": "fixed_width", "line_ending": "lf",
      "columns": [
        ["name": "s", "width": 4], ["name": "r", "at": 6, "width": 3, "align": "right", "pad": "*"],
        ["name": "d", "width": 7, "type": "decimal", "implied_decimals": 2, "pad": "0"],
        ["name": "t", "width": 5, "type": "integer", "sign": "trailing", "pad": "0"],
        ["name": "z", "width": 4, "type": "integer", "sign": "overpunch", "pad": "0"],
        ["name": "b", "width": 1, "type": "boolean", "true_values": ["J"], "false_values": ["N"]],
        ["name": "e", "width": 9, "type": "decimal", "decimal_separator": ",", "thousands_separator": "."],
      ],
    ]
    let json = """
      [{"s":"é😀","r":"ab","d":-12.3,"t":-12,"z":-120,"b":true,"e":-1234.5},{"d":1e2,"t":3,"z":1,"e":1234567}, {"s":""}]
      """
    #expect(
      try FlatFileRun.write(json, layout) == """
        é😀   *ab-0012300012-012}J -1.234,5
             ***00100000003 000A 1.234.567
             ***\("                           ".prefix(26))

        """)
    for (record, reason) in [
      (#"{"s":"abcde"}"#, "record 1: column 1 (s) has more than 4 characters"),
      (#"{"d":1.234}"#, "record 1: column 9 (d) is not a number of digits alone"),
      (#"{"d":123456.7}"#, "record 1: column 9 (d) has more than 7 characters"),
      (#"{"s":"a\nb"}"#, "record 1: column 1 (s) has a line break"),
      (#"{"b":"J"}"#, "record 1: column 25 (b) is not one of J, N"),
      (#"{"t":1.5}"#, "record 1: column 16 (t) is not a whole number with its sign behind it"),
    ] {
      #expect { try FlatFileRun.write(record, layout) } throws: { ($0 as? Failure)?.reason == reason }
    }
  }

  @Test("a text that begins or ends with what reading drops as filling is not written")
  func padding() throws {
    let layout: Configuration = [
      "form": "fixed_width", "line_ending": "lf",
      "columns": [
        ["name": "l", "width": 4, "pad": "*"], ["name": "r", "width": 4, "align": "right", "pad": "0"],
        ["name": "n", "width": 4, "type": "integer", "pad": "-"],
        ["name": "raw", "width": 2, "pad": "_", "trim": "none"],
        ["name": "d", "width": 2, "align": "right", "pad": "0", "default": "00"],
        ["name": "ok", "width": 1, "type": "boolean", "true_values": ["1"], "false_values": ["0"], "pad": "0"],
        ["name": "c", "width": 3, "align": "right", "pad": "0", "value": "007"], ["name": "b", "width": 3],
      ],
    ]
    let good = #"[{"l":"*a","r":"10","n":12,"raw":"__","d":"00","ok":true,"c":"007","b":"x"}]"#
    let text = "*a**0010--12__001007x  \n"
    #expect(try FlatFileRun.write(good, layout) == text)
    #expect(try FlatFileRun.parse(text, layout) == good)
    #expect(try FlatFileRun.write(#"{"b":"x ","raw":"ab"}"#, layout) == "****0000    ab000007x  \n")
    for (record, column) in [
      (#"{"l":"a*"}"#, "1 (l)"), (#"{"l":"****"}"#, "1 (l)"), (#"{"r":"010"}"#, "5 (r)"), (#"{"r":"0"}"#, "5 (r)"),
      (#"{"n":-1}"#, "9 (n)"), (#"{"d":"0"}"#, "15 (d)"), (#"{"ok":false}"#, "17 (ok)"),
    ] {
      #expect {
        try FlatFileRun.write(record, layout)
      } throws: {
        ($0 as? Failure)?.reason
          == "record 1: column \(column) begins or ends with the character that fills the column up"
      }
    }
  }

  @Test(
    "hostile files end in bounded memory, and read alike in one piece and in many",
    arguments: ["\0", "\r", "a", "é", "\u{1F600}", "\n\r", "\"\\", " "])
  func hostile(piece: String) async throws {
    let size = piece.contains("\r") ? 100_000 : 2_200_000
    let bytes = Array("ab\n".utf8) + Array(String(repeating: piece, count: size / piece.utf8.count).utf8)
    for ending in ["lf", "none"] {
      if ending == "none", size > 100_000 { continue }
      let layout: Configuration = [
        "form": "fixed_width", "line_ending": Configuration(stringLiteral: ending),
        "columns": [["name": "a", "width": 3]], "short_records": "pad",
      ]
      let inMemory = try await FlatFileRun.split(.bytes(bytes), layout)
      #expect(try await FlatFileRun.split(bytes, piecesOf: 300_007, layout) == inMemory)
      #expect(!inMemory.isEmpty)
    }
  }
}
