import FlatFilePlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("writing a flat file")
struct WritingTests {
  @Test("the members of the first object are the columns, and fields are quoted where they have to be")
  func plain() throws {
    let json = #"[{"a":1.50,"b":"x,y"},{"b":"say \"hi\"","a":null},{"a":true,"b":"two\nlines"},{"a":" x","b":""}]"#
    #expect(
      try FlatFileRun.write(json) == "a,b\r\n1.50,\"x,y\"\r\n,\"say \"\"hi\"\"\"\r\ntrue,\"two\nlines\"\r\n\" x\",\r\n")
  }

  @Test("a layout gives columns, headers and forms")
  func layout() throws {
    let options: Configuration = [
      "delimiter": ";", "line_ending": "lf", "escape": "backslash",
      "columns": [
        ["name": "born", "header": "Date of birth", "type": "date", "format": "d.M.yyyy"],
        ["name": "ok", "type": "boolean", "true_values": ["Y"], "false_values": ["N"]],
        ["name": "n", "type": "integer"],
        ["name": "s"],
      ],
    ]
    let json = #"{"s":"a;\"b\\","n":123456789012345678901,"ok":false,"born":"2024-02-09","more":[]}"#
    #expect(
      try FlatFileRun.write(json, options) == """
        Date of birth;ok;n;s
        9.2.2024;N;123456789012345678901;"a;\\"b\\\\"

        """)
  }

  @Test("an empty field that is alone is written in quotes, so that it is a record")
  func emptyRecord() throws {
    let text = try FlatFileRun.write(#"[{"a":""},{"a":"x"}]"#)
    #expect(text == "a\r\n\"\"\r\nx\r\n")
    #expect(try FlatFileRun.parse(text) == #"[{"a":""},{"a":"x"}]"#)
  }

  @Test("what was written is read again as it was")
  func roundTrip() throws {
    let json = #"[{"a":"x\r\ny","b":"\"","c":"é\\"},{"a":",","b":"","c":" \t"}]"#
    for options: Configuration in [
      [:], ["escape": "backslash"], ["delimiter": "|", "quote": "'"], ["quote": "none", "escape": "backslash"],
    ] {
      #expect(try FlatFileRun.parse(FlatFileRun.write(json, options), options) == json)
    }
  }

  @Test("a time of day is written whole, or not at all")
  func timeOfDay() throws {
    for (format, time, text) in [
      ("dd.MM.yyyy", "", "29.02.2024"), ("dd.MM.yyyy", "T00:00:00", "29.02.2024"),
      ("yyyyMMddHHmm", "T13:30:00", "202402291330"), ("yyyyMMddHHmmss", "T13:30:15", "20240229133015"),
      ("dd.MM.yyyy", "T13:30:00", nil), ("dd.MM.yyyy", "T00:00:01", nil), ("yyyyMMddHHmm", "T13:30:15", nil),
      ("yyyyMMddHH", "T13:30:00", nil),
    ] as [(String, String, String?)] {
      let column: Configuration = ["name": "d", "type": "date", "format": Configuration(stringLiteral: format)]
      let written = Result {
        try FlatFileRun.write("{\"d\":\"2024-02-29\(time)\"}", ["columns": [column], "header": false])
      }
      if let text {
        #expect(try written.get() == text + "\r\n")
      } else {
        #expect {
          try written.get()
        } throws: {
          ($0 as? Failure)?.reason == "record 1: column 1 (d) is not a date as \(format)"
        }
      }
    }
  }

  @Test(
    "what does not fit fails, with record and column",
    arguments: [
      (#"[{"id":"x"}]"#, "record 1: column 1 (id) is not a whole number"),
      (#"[{"id":1},{"id":null}]"#, "record 2: column 1 (id) is required, and empty"),
      (#"[1]"#, "record 1 is a whole number, expected a map of column names to values"),
    ])
  func mismatches(json: String, reason: String) {
    let options: Configuration = ["columns": [["name": "id", "type": "integer", "required": true]]]
    #expect { try FlatFileRun.write(json, options) } throws: { ($0 as? Failure)?.reason == reason }
  }

  @Test(
    "a line that would be a comment is written so that it is none",
    arguments: [
      (["comment": "#"], ##"[{"#a":"#x","b":"#y"},{"#a":"x#","b":""}]"##, "\"#a\",b\r\n\"#x\",#y\r\nx#,\r\n"),
      (["comment": "x,y"], #"[{"a":"x","b":"y"}]"#, "a,b\r\n\"x\",y\r\n"),
      (["comment": "x", "quote": "none", "escape": "backslash"], #"[{"a":"xy"}]"#, "a\r\n\\xy\r\n"),
    ] as [(Configuration, String, String)])
  func comments(options: Configuration, json: String, text: String) throws {
    #expect(try FlatFileRun.write(json, options) == text)
    #expect(try FlatFileRun.parse(text, options) == json)
  }

  @Test(
    "a record that would be a comment whatever is done is a failure",
    arguments: [
      (["comment": "#", "quote": "none"], "record 1: column 1 begins as comments do"),
      (["comment": "\"", "header": false], "record 1: column 1 begins as comments do"),
      (
        ["comment": "##", "form": "fixed_width", "columns": [["name": "a", "width": 1], ["name": "b", "width": 1]]],
        "record 1: column 1 (a) begins as comments do"
      ),
    ] as [(Configuration, String)])
  func unwritableComments(options: Configuration, reason: String) {
    let json = reason.contains("(a)") ? ##"[{"a":"#","b":"#"}]"## : ##"[{"a":"#\"","b":""}]"##
    #expect { try FlatFileRun.write(json, options) } throws: { ($0 as? Failure)?.reason == reason }
  }

  @Test("a header that would be a comment whatever is done is a failure")
  func unwritableHeader() {
    #expect {
      try FlatFileRun.write(##"[{"#a":"x"}]"##, ["comment": "#", "quote": "none"])
    } throws: {
      ($0 as? Failure)?.reason == "the header of column 1 begins as comments do"
    }
  }

  @Test("only the first line of a record can be a comment")
  func secondLine() throws {
    let options: Configuration = [
      "comment": "#", "quote": "none", "line_ending": "lf",
      "records": [["name": "x", "lines": 2, "columns": [["name": "a"], ["name": "b", "line": 2]]]],
    ]
    for b in ["#", ""] {
      let json = "[{\"a\":\"x\",\"b\":\"\(b)\"}]"
      #expect(try FlatFileRun.write(json, options) == "x\n\(b)\n")
      #expect(try FlatFileRun.parse("x\n\(b)\n", options) == json)
    }
  }

  @Test("a member that the first object does not have, which names the columns, is a failure")
  func moreMembers() throws {
    #expect {
      try FlatFileRun.write(#"[{"a":1,"b":2},{"b":3},{"a":4,"c":5}]"#)
    } throws: {
      ($0 as? Failure)?.reason
        == "record 3 has a member that the first record does not have, whose members are the columns"
    }
    #expect(try FlatFileRun.write(#"[{"a":1},{"a":2,"c":3}]"#, ["columns": [["name": "a"]]]) == "a\r\n1\r\n2\r\n")
  }

  @Test("a line with nothing in it, which is no record, is a failure where there are no quotes")
  func emptyLine() throws {
    for options: Configuration in [["quote": "none"], ["quote": "none", "escape": "backslash"]] {
      #expect {
        try FlatFileRun.write(#"[{"a":"x"},{"a":null}]"#, options)
      } throws: {
        ($0 as? Failure)?.reason == "record 2: column 1 cannot be written without quotes"
      }
      #expect {
        try FlatFileRun.write(#"[{"":"x"}]"#, options)
      } throws: {
        ($0 as? Failure)?.reason == "the header of column 1 cannot be written without quotes"
      }
    }
    #expect(try FlatFileRun.write(#"[{"":"x"},{"":""}]"#) == "\"\"\r\nx\r\n\"\"\r\n")
  }

  @Test(
    "containers in a field, and delimiters without quotes, are failures",
    arguments: [#"[{"a":[1]}]"#, #"[{"a":"x,y"}]"#])
  func unwritable(json: String) {
    #expect(throws: Failure.self) { try FlatFileRun.write(json, ["quote": "none"]) }
  }
}
