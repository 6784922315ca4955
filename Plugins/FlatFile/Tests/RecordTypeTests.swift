import FlatFilePlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("record types")
struct RecordTypeTests {
  static let payroll: Configuration = [
    "form": "fixed_width", "line_ending": "lf", "type_member": "type",
    "records": [
      [
        "name": "header", "match": ["at": 1, "is": "H"], "min": 1, "max": 1,
        "columns": [["name": "company", "at": 2, "width": 5], ["width": 4]],
      ],
      [
        "name": "employee", "match": ["at": 1, "is": "E"],
        "columns": [["name": "id", "at": 2, "width": 3], ["name": "name", "width": 6]],
        "records": [
          [
            "name": "address", "match": ["at": 1, "in": ["A", "B"]], "max": 1, "lines": 2,
            "columns": [
              ["name": "kind", "width": 1], ["name": "street", "width": 9], ["name": "city", "width": 10, "line": 2],
            ],
          ],
          [
            "name": "pays", "match": ["column": "kind", "is": "P"], "min": 1, "max": 2,
            "columns": [
              ["name": "kind", "width": 1], ["name": "amount", "width": 9, "type": "decimal", "implied_decimals": 2],
            ],
            "records": [
              [
                "name": "notes", "match": ["at": 1, "pattern": "^N[0-9]"],
                "columns": [["name": "mark", "width": 2], ["name": "note", "width": 8]],
              ]
            ],
          ],
        ],
      ],
      [
        "name": "trailer", "match": ["at": 1, "is": "T"], "min": 1, "max": 1,
        "columns": [["name": "count", "at": 2, "width": 9, "type": "integer", "pad": "0"]],
      ],
    ],
  ]

  static let good = """
    HACME     \nE001Ann   \nAStreet 1 \nTown      \nP    12345\nN1one     \nN2two     \nP      500
    E002Bob   \nP     -100\nT000000002

    """

  static let records = [
    #"1@1 {"type":"header","company":"ACME"}"#,
    #"2@2 {"type":"employee","id":"001","name":"Ann","address":{"kind":"A","street":"Street 1","city":"Town"},"#
      + #""pays":[{"kind":"P","amount":123.45,"notes":[{"mark":"N1","note":"one"},{"mark":"N2","note":"two"}]},"#
      + #"{"kind":"P","amount":5.00,"notes":[]}]}"#,
    #"3@9 {"type":"employee","id":"002","name":"Bob","address":null,"pays":[{"kind":"P","amount":-1.00,"notes":[]}]}"#,
    #"4@11 {"type":"trailer","count":2}"#,
  ]

  @Test("a record holds those below it, whatever the pieces")
  func groups() async throws {
    let bytes = Array(Self.good.utf8)
    #expect(try await FlatFileRun.split(.bytes(bytes), Self.payroll) == Self.records)
    for size in 1...bytes.count {
      #expect(try await FlatFileRun.split(bytes, piecesOf: size, Self.payroll) == Self.records, "pieces of \(size)")
    }
  }

  @Test("what was read is written as the very bytes")
  func roundTrip() throws {
    let json = try FlatFileRun.parse(Self.good, Self.payroll)
    #expect(try FlatFileRun.write(json, Self.payroll) == Self.good)
  }

  @Test("the type of a record is a property of its message")
  func type() async throws {
    guard
      case .splitter(let splitter) = try ComponentLoader([.flatFile]).make(.splitter, "flat_file", Self.payroll)
    else { return }
    var reader = try splitter.parts(of: .bytes(Array(Self.good.utf8)), headers: Headers(), .testing())
    var types: [String?] = []
    while let part = try await reader.next() { types.append(part.type) }
    #expect(types == ["header", "employee", "employee", "trailer"])
  }

  @Test(
    "what is wrong below a record makes all of it a bad one, with the lines and names",
    arguments: [
      (
        "E001Ann   \nP    12345\nP      100\nP      100\n",
        "record 2 at line 2: line 5: is one more of type pays than the 2 there may be"
      ),
      (
        "E001Ann   \nP    12345\nAStreet   \nGown      \n",
        "record 2 at line 2: line 4: of type address comes too late; 1 more of its problems"
      ),
      ("E001Ann   \n", "record 2 at line 2: has fewer than 1 records of type pays"),
      (
        "E001Ann   \nN1orphan  \nP    12345\n",
        "record 2 at line 2: line 3: is of none of the layout's types of records"
      ),
      (
        "E001Ann   \nP    1x345\nP     y100\n",
        "record 2 at line 2: column 2 (amount) of line 3 is not a number of digits alone; 1 more of its fields are wrong"
      ),
      ("E001Ann   \nP   12345\n", "record 2 at line 2: line 3: expected 10 characters, found 9"),
      (
        "E001Ann   \nX         \nP    12345\n",
        "record 2 at line 2: line 3: is of none of the layout's types of records"
      ),
    ])
  func badGroups(lines: String, reason: String) async throws {
    let text = "HACME     \n\(lines)E002Bob   \nP     -100\nT000000002\n"
    let parts = try await FlatFileRun.split(.bytes(Array(text.utf8)), Self.payroll)
    #expect(parts.count == 4)
    #expect(parts.dropFirst().first?.hasPrefix("2@2 \(reason) | E001") == true, "\(parts)")
    #expect(parts.dropFirst(2).first?.contains("\"Bob\"") == true)
    for size in [1, 3, 11] {
      #expect(try await FlatFileRun.split(Array(text.utf8), piecesOf: size, Self.payroll) == parts)
    }
  }

  @Test(
    "records that nothing allows where they stand are bad ones",
    arguments: [
      ("X         \n", "is of none of the layout's types of records"),
      ("HTWO      \n", "is of type header, which comes too late"),
      ("P    12345\n", "is of none of the layout's types of records"),
    ])
  func misplaced(line: String, reason: String) async throws {
    let text = Self.good.replacing("T0", with: "T000000002\n\(line)T0")
    let parts = try await FlatFileRun.split(.bytes(Array(text.utf8)), Self.payroll)
    #expect(parts.prefix(4) == Self.records.prefix(4))
    #expect(parts[4].hasPrefix("5@12 record 5 at line 12: \(reason)"), "\(parts)")
    #expect(parts[5].hasPrefix("6@13 record 6 at line 13: is one more of type trailer than the 1 there may be"))
  }

  @Test("a file that lacks records which have to be there fails, behind those that are")
  func missing() async throws {
    for (text, count, reason) in [
      (
        Self.good.replacing("T000000002\n", with: ""), 3,
        "the file ends with 0 records of type trailer, expected at least 1"
      ),
      ("E001Ann   \nP    12345\n", 0, "line 1 comes before a record of type header, which has to be there"),
      ("", 0, "the file ends with 0 records of type header, expected at least 1"),
    ] {
      guard
        case .splitter(let splitter) = try ComponentLoader([.flatFile]).make(.splitter, "flat_file", Self.payroll)
      else { return }
      var reader = try splitter.parts(of: .bytes(Array(text.utf8)), headers: Headers(), .testing())
      var found = 0
      do {
        while try await reader.next() != nil { found += 1 }
        Issue.record("the file is good")
      } catch {
        #expect(Failure(error).reason == reason)
        #expect(Failure(error).kind == .invalid)
      }
      #expect(found == count)
    }
  }

  @Test("types may come in any order, and be told apart by fields of delimited records")
  func anyOrder() async throws {
    let layout: Configuration = [
      "order": "any", "type_member": "kind", "line_ending": "lf",
      "records": [
        ["name": "a", "match": ["at": 1, "is": "A"], "columns": [["name": "x", "at": 2]]],
        [
          "name": "b", "match": ["column": "t", "in": ["B", "C"]], "max": 2,
          "columns": [["name": "t"], ["name": "n", "type": "integer"]],
        ],
        ["name": "rest", "columns": [["name": "all"]]],
      ],
    ]
    let text = "A,\"1,2\"\nB,1\nother\nC,2\nA,x\n"
    let parts = try await FlatFileRun.split(.bytes(Array(text.utf8)), layout)
    #expect(
      parts == [
        #"1@1 {"kind":"a","x":"1,2"}"#, #"2@2 {"kind":"b","t":"B","n":1}"#, #"3@3 {"kind":"rest","all":"other"}"#,
        #"4@4 {"kind":"b","t":"C","n":2}"#, #"5@5 {"kind":"a","x":"x"}"#,
      ])
    #expect(try FlatFileRun.write(FlatFileRun.parse(text, layout), layout) == text)
  }

  @Test("a record with others below it that is too long is passed over with all that belongs to it")
  func tooLong() async throws {
    let rows = String(repeating: "P        1\n", count: 12_000)
    let layout: Configuration = [
      "form": "fixed_width",
      "records": [
        [
          "name": "e", "match": ["at": 1, "is": "E"], "columns": [["name": "id", "at": 2, "width": 9]],
          "records": [["name": "p", "match": ["at": 1, "is": "P"], "columns": [["name": "n", "at": 2, "width": 9]]]],
        ]
      ],
    ]
    let bytes = Array("E        1\n\(rows)E        2\nP        1\n".utf8)
    for size in [1000, 65_536, 1 << 20] {
      let parts = try await FlatFileRun.split(bytes, piecesOf: size, layout)
      #expect(parts.count == 2)
      #expect(parts[0].hasPrefix("1@1 record 1 at line 1: has more than 10000 lines or 16777216 bytes"))
      #expect(parts[1] == #"2@12002 {"id":"        2","p":[{"n":"        1"}]}"#)
    }
    let long = Array("E        1\nP\(String(repeating: "1", count: 1_100_000))\nP        3\nE        2\n".utf8)
    for size in [100_000, 1 << 20, long.count] {
      let parts = try await FlatFileRun.split(long, piecesOf: size, layout)
      #expect(parts.count == 2 && parts[0].hasPrefix("1@1 record 1 at line 1: line 2 has more than 1048576 bytes"))
      #expect(parts.last == #"2@4 {"id":"        2","p":[]}"#)
    }
  }

  @Test("an empty line within a record is one of its lines, and so is what looks like a comment")
  func emptyLines() async throws {
    let columns: Configuration = [["name": "a", "width": 2], ["name": "b", "width": 2, "line": 2]]
    let layout: Configuration = [
      "form": "fixed_width", "short_records": "pad", "comment": "#",
      "records": [["name": "x", "lines": 2, "columns": columns]],
    ]
    let bytes = Array("A1\n\n\n# no\nA2\r\n\r\nA3\n#3\nA4\n".utf8)
    let expected = [
      #"1@1 {"a":"A1","b":""}"#, #"2@5 {"a":"A2","b":""}"#, ##"3@7 {"a":"A3","b":"#3"}"##,
      "4@9 record 4 at line 9: 1 more lines have to follow | A4\n",
    ]
    #expect(try await FlatFileRun.split(.bytes(bytes), layout) == expected)
    for size in 1...bytes.count { #expect(try await FlatFileRun.split(bytes, piecesOf: size, layout) == expected) }
    let delimited: Configuration = [
      "records": [["name": "x", "lines": 2, "columns": [["name": "a"], ["name": "b", "line": 2]]]]
    ]
    #expect(try FlatFileRun.parse("A1\n\nA2\n\n", delimited) == #"[{"a":"A1","b":""},{"a":"A2","b":""}]"#)
  }

  @Test("a field behind the most that a record may have tells nothing apart")
  func farField() async throws {
    let layout: Configuration = [
      "records": [["name": "x", "match": ["at": 20_000, "pattern": "^$"], "columns": [["name": "a"]]]],
      "long_records": "ignore",
    ]
    let text = "1\n" + String(repeating: ",", count: 30_000) + "\n"
    let parts = try await FlatFileRun.split(.bytes(Array(text.utf8)), layout)
    #expect(parts.count == 2 && parts[0] == #"1@1 {"a":"1"}"#)
    #expect(parts[1].hasPrefix("2@2 record 2 at line 2: expected 1 fields, found 30001"))
  }

  @Test(
    "records that cannot be written fail",
    arguments: [
      (#"{"company":"A"}"#, "record 1 does not say which of the layout's types it is of, in the member type"),
      (#"{"type":"x"}"#, "record 1 does not say which of the layout's types it is of, in the member type"),
      (#"{"type":"employee","id":"1"}"#, "record 1: has fewer than 1 records of type pays"),
      (#"{"type":"employee","pays":{}}"#, "record 1: pays is a map, expected a list of records"),
      (
        #"{"type":"employee","address":[],"pays":[]}"#,
        "record 1 of type address is a list, expected a map of column names to values"
      ),
      (
        #"{"type":"employee","address":{"kind":"Z"},"pays":[]}"#,
        "record 1: column 1 (kind) of line 2 is not what tells records of the type apart"
      ),
      (
        #"{"type":"employee","pays":[{"amount":1},{"amount":"x"}]}"#,
        "record 1: column 2 (amount) of line 3 is not a number of digits alone"
      ),
    ])
  func unwritable(json: String, reason: String) {
    #expect { try FlatFileRun.write(json, Self.payroll) } throws: { ($0 as? Failure)?.reason == reason }
  }
}
