import FlatFilePlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("mistakes in layouts")
struct LayoutCheckTests {
  private static let a: Configuration = ["name": "a", "width": 5]

  @Test(
    "each is reported",
    arguments: [
      (["form": "fixed_width"], "needs \"columns\" or \"records\" in fixed width"),
      (["form": "fixed_width", "columns": [["name": "a"]]], "needs the option \"width\" for each column"),
      (["form": "fixed_width", "delimiter": ";", "columns": [a]], "delimiter is for delimited files"),
      (
        ["form": "fixed_width", "columns": [a, ["name": "b", "at": 3, "width": 4]]],
        "column b has characters 3 to 6, and column a has 1 to 5"
      ),
      (
        [
          "form": "fixed_width", "columns": [["name": "a", "at": 9, "width": 2], ["name": "b", "at": 1, "width": 9]],
        ],
        "column a has characters 9 to 10, and column b has 1 to 9"
      ),
      (["form": "fixed_width", "columns": [["name": "a", "width": 1_048_577]]], "is not from 1 to 1048576"),
      (
        ["form": "fixed_width", "columns": [["name": "a", "at": 1_048_576, "width": 2]]],
        "ends behind what a record may hold"
      ),
      (["form": "fixed_width", "columns": [["name": "a", "width": 2, "value": "abc"]]], "value is longer than the 2"),
      (
        ["form": "fixed_width", "columns": [["name": "a", "width": 2, "line": 2]]],
        "a column is on line 2 of a record of 1"
      ),
      (["columns": [["name": "a", "width": 2]]], "width is for files in fixed width"),
      (["columns": [["name": "a", "at": 2]]], "at is for files without a header"),
      (["columns": [["type": "integer"]]], "needs the option \"name\" for each column"),
      (["line_ending": "none"], "line_ending none is for files in fixed width"),
      (["order": "any"], "order is for layouts with records"),
      (
        ["columns": [a], "records": [["name": "x", "columns": [["name": "a"]]]]], "columns cannot stand beside records"
      ),
      (
        ["header": true, "records": [["name": "x", "columns": [["name": "a"]]]]], "header cannot stand beside records"
      ),
      (
        ["records": [["name": "x", "columns": [["name": "a"]]], ["name": "y", "columns": [["name": "a"]]]]],
        "records of type y never come, as x before it takes every record"
      ),
      (
        [
          "records": [["name": "x", "max": 1, "columns": [["name": "a"]]], ["name": "x", "columns": [["name": "a"]]]]
        ],
        "two types of records have the name \"x\""
      ),
      (
        ["records": [["name": "x", "match": ["column": "knd", "is": "1"], "columns": [["name": "kind"]]]]],
        "records of type x have no column \"knd\"; did you mean \"kind\"?"
      ),
      (["records": [["name": "x", "match": ["is": "1"], "columns": [["name": "kind"]]]]], "needs either column or at"),
      (
        ["records": [["name": "x", "match": ["at": 1], "columns": [["name": "kind"]]]]],
        "needs one of is, in and pattern"
      ),
      (
        ["records": [["name": "x", "match": ["at": 1, "in": ["a", "bc"]], "columns": [["name": "k"]]]]],
        "is not all equally long"
      ),
      (
        ["records": [["name": "x", "match": ["at": 1, "pattern": "["], "columns": [["name": "k"]]]]],
        "invalid regular expression"
      ),
      (["records": [["name": "x", "min": 3, "max": 2, "columns": [["name": "k"]]]]], "max is less than min"),
      (
        [
          "records": [
            ["name": "x", "columns": [["name": "k"]], "records": [["name": "k", "columns": [["name": "a"]]]]]
          ]
        ],
        "a column has the name \"k\" as well"
      ),
      (
        ["records": [["name": "x", "columns": [["name": "k", "at": 2], ["name": "j", "at": 2]]]]],
        "column j has field 2"
      ),
      (
        [
          "form": "fixed_width", "line_ending": "none",
          "records": [
            ["name": "x", "match": ["at": 1, "is": "X"], "columns": [a]],
            ["name": "y", "columns": [["name": "a", "width": 6]]],
          ],
        ], "without line endings all records are equally wide, found widths 5, 6"
      ),
      (["columns": [["name": "a", "type": "integer", "default": "x"]]], "default is not a whole number"),
      (["columns": [["name": "a", "type": "date", "value": "2024-02-30"]]], "value is not a date as yyyy-MM-dd"),
      (["columns": [["name": "a", "type": "code"]]], "a column of type code needs codes"),
      (["columns": [["name": "a", "implied_decimals": 2]]], "implied_decimals is for columns of type decimal"),
      (
        ["columns": [["name": "a", "type": "decimal", "implied_decimals": 2, "decimal_separator": ","]]],
        "implied_decimals has no decimal_separator"
      ),
      (
        ["columns": [["name": "a", "type": "decimal", "thousands_separator": "."]]],
        "thousands_separator separates the fraction"
      ),
      (
        [
          "form": "fixed_width",
          "columns": [["name": "a", "width": 5, "type": "integer", "align": "left", "pad": "0"]],
        ], "zeros behind a number make it another"
      ),
      (
        ["form": "fixed_width", "columns": [["name": "a", "width": 5, "type": "decimal", "pad": "5"]]],
        "a digit that fills a number up makes it another"
      ),
      (["encoding": "utf-7"], "one of utf-8, iso-8859-1, windows-1252"),
    ] as [(Configuration, String)])
  func mistakes(options: Configuration, message: String) {
    #expect {
      try ComponentLoader([.flatFile]).make(.splitter, "flat_file", options)
    } throws: { error in
      let messages = (error as? Diagnostics)?.all.map(\.message) ?? []
      if !messages.contains(where: { $0.contains(message) }) { print(messages, "expected:", message) }
      return messages.contains { $0.contains(message) }
    }
  }

  @Test("who writes has no lines to pass over; other options of reading may stand there")
  func readingOptions() throws {
    #expect {
      try ComponentLoader([.flatFile]).make(.step, "write_flat_file", ["skip_rows": 2])
    } throws: { error in
      let problems = (error as? Diagnostics)?.all ?? []
      return problems.map(\.code) == ["conflicting-options"]
        && problems[0].message == "write_flat_file: skip_rows has no meaning where a file is written"
        && problems[0].help?.contains("leave it out") == true
    }
    let shared: Configuration = [
      "skip_rows": 0, "short_records": "pad", "long_records": "ignore", "bare_quotes": true,
      "invalid_characters": "replace",
    ]
    #expect(try FlatFileRun.write(#"{"a":"x"}"#, shared) == "a\r\nx\r\n")
  }

  @Test("who writes several types has to say which member names the type")
  func typeMember() {
    let records: Configuration = [
      ["name": "x", "max": 1, "columns": [["name": "a"]]], ["name": "y", "columns": [["name": "a"]]],
    ]
    #expect {
      try ComponentLoader([.flatFile]).make(.step, "write_flat_file", ["records": records])
    } throws: {
      ($0 as? Diagnostics)?.all.contains { $0.message.contains("each one that is written has to say") } ?? false
    }
  }
}
