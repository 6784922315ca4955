import FlatFilePlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("reading a flat file")
struct ReadingTests {
  @Test(
    "any line ending ends a record, empty lines are none, and the last needs no ending",
    arguments: [
      "a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4", "a,b\r1,2\r3,4\r", "\n\na,b\n\n1,2\r\n\r\n3,4\n\n\n",
      "\u{FEFF}a,b\n1,2\n3,4",
    ])
  func lineEndings(text: String) throws {
    #expect(try FlatFileRun.parse(text) == #"[{"a":"1","b":"2"},{"a":"3","b":"4"}]"#)
  }

  @Test("quotes enclose delimiters, line breaks and doubled quotes")
  func quotes() throws {
    let text = "a,b\n\"x,\r\ny\",\"say \"\"hi\"\"\"\n\"\",\"\"\"\"\n"
    #expect(try FlatFileRun.parse(text) == #"[{"a":"x,\r\ny","b":"say \"hi\""},{"a":"","b":"\""}]"#)
  }

  @Test("dialects: delimiter, quote, backslashes, blanks, comments, rows to pass over")
  func dialects() throws {
    #expect(
      try FlatFileRun.parse("a\tb\n1\t'x\ty'\n", ["delimiter": "\t", "quote": "'"]) == #"[{"a":"1","b":"x\ty"}]"#)
    #expect(
      try FlatFileRun.parse("a;b\n\"1\";2\n", ["delimiter": ";", "quote": "none"]) == #"[{"a":"\"1\"","b":"2"}]"#)
    #expect(
      try FlatFileRun.parse("a,b\nx\\,y,\"a\\\"b\\\\\"\n", ["escape": "backslash"]) == #"[{"a":"x,y","b":"a\"b\\"}]"#)
    #expect(try FlatFileRun.parse(" a , b \n 1 ,\t\"x \" \n", ["trim": true]) == #"[{"a":"1","b":"x "}]"#)
    #expect(try FlatFileRun.parse("# by x\na\n#no\n1\n", ["comment": "#"]) == #"[{"a":"1"}]"#)
    #expect(try FlatFileRun.parse("Report \"of\n2024\na\n1\n", ["skip_rows": 2]) == #"[{"a":"1"}]"#)
    #expect(try FlatFileRun.parse("a\n5\" pipe\n", ["bare_quotes": true]) == #"[{"a":"5\" pipe"}]"#)
    #expect(try FlatFileRun.parse("a\nx\\y\u{1}\n") == #"[{"a":"x\\y\u0001"}]"#)
  }

  @Test("a layout types the fields, and empty ones are null")
  func types() throws {
    let options: Configuration = [
      "columns": [
        ["name": "i", "type": "integer"], ["name": "d", "type": "decimal"],
        ["name": "b", "type": "boolean", "true_values": ["Y", "1"], "false_values": ["N", "0"]],
        ["name": "t", "type": "date", "format": "M/d/yyyy"], ["name": "s", "header": "Text"],
        ["name": "u", "type": "date"],
      ]
    ]
    let text = "Text,u,i,d,b,t,other\nx,2024-02-29,+007,-0012.50,y,2/9/2024,?\n,,,,,,\n\"q\",,\"12\",.5,0,12/31/1999,\n"
    #expect(
      try FlatFileRun.parse(text, options) == """
        [{"i":7,"d":-12.50,"b":true,"t":"2024-02-09","s":"x","u":"2024-02-29"},\
        {"i":null,"d":null,"b":null,"t":null,"s":"","u":null},\
        {"i":12,"d":0.5,"b":false,"t":"1999-12-31","s":"q","u":null}]
        """)
  }

  @Test("without a header the columns are in the order of the layout")
  func positions() throws {
    let options: Configuration = ["header": false, "columns": [["name": "a"], ["name": "b", "type": "integer"]]]
    #expect(try FlatFileRun.parse("x,1\ny,2", options) == #"[{"a":"x","b":1},{"a":"y","b":2}]"#)
  }

  @Test("an empty file has no records", arguments: ["", "\n", "\u{FEFF}", "a,b", "a,b\n"])
  func empty(text: String) throws {
    #expect(try FlatFileRun.parse(text) == "[]")
  }

  @Test(
    "dates have to be in the calendar, and numbers and booleans to be some",
    arguments: [
      ("date", "2023-02-29"), ("date", "2024-13-01"), ("date", "24-01-01"), ("date", "2024-01-01 "),
      ("date", "2024/01/01"),
      ("integer", "1.0"), ("integer", "-"), ("integer", "1e3"), ("integer", "0x1"), ("integer", " 1"),
      ("decimal", "1."),
      ("decimal", "."), ("decimal", "1,5"), ("decimal", "NaN"), ("decimal", "1e3"), ("boolean", "yes"),
      ("boolean", "tru"),
    ])
  func mistyped(type: String, field: String) async throws {
    let options: Configuration = [
      "header": false, "delimiter": ";", "columns": [["name": "x", "type": "\(type)"]],
    ]
    let parts = try await FlatFileRun.split(.bytes(Array("\(field)\n".utf8)), options)
    #expect(parts.count == 1 && parts[0].hasPrefix("1@1 record 1 at line 1: column 1 (x) is not "))
  }

  @Test("a header that does not fit the layout fails the file, with all that is missing")
  func badHeader() {
    let options: Configuration = ["columns": [["name": "a", "required": true], ["name": "b", "required": true]]]
    #expect {
      try FlatFileRun.parse("x,y\n1,2\n", options)
    } throws: {
      ($0 as? Failure)?.problems.compactMap(\.place) == ["a", "b"]
    }
    for text in ["a,a\n", "a,,b\n", "a,\"b\n", "\u{FEFF}\"a\"x\n"] {
      #expect(throws: Failure.self) { try FlatFileRun.parse(text) }
    }
  }

  @Test("a field that has to be there may not be empty")
  func required() async throws {
    let options: Configuration = [
      "columns": [["name": "a", "required": true], ["name": "b", "type": "integer", "required": true]]
    ]
    let parts = try await FlatFileRun.split(.bytes(Array("a,b\n,\nx,1\n".utf8)), options)
    #expect(
      parts == [
        "1@2 record 1 at line 2: column 1 (a) is required, and empty; 1 more of its fields are wrong | ,\n",
        "2@3 {\"a\":\"x\",\"b\":1}",
      ])
  }

  @Test(
    "options that do not fit are reported",
    arguments: [
      (["delimiter": "ab"], "is not one ASCII character"), (["delimiter": "\""], "quote is the delimiter as well"),
      (["header": false], "needs \"columns\""),
      (["columns": [["name": "a"], ["name": "a"]]], "two columns have the name"),
      (["columns": [["name": "a", "format": "yyyy-MM-dd"]]], "format is for columns of type date"),
      (["columns": [["name": "a", "type": "date", "format": "MM-dd"]]], "is no date format"),
      (["columns": [["name": "a", "true_values": ["Y"]]]], "true_values is for columns of type boolean"),
    ] as [(Configuration, String)])
  func badOptions(options: Configuration, message: String) {
    #expect {
      try ComponentLoader([.flatFile]).make(.splitter, "flat_file", options)
    } throws: {
      ($0 as? Diagnostics)?.all.contains { $0.message.contains(message) } ?? false
    }
  }
}
