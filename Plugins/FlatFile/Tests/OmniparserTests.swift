import FlatFilePlugin
import Omnibus
import OmnibusTesting
import Testing

/// The published samples of github.com/jf-tech/omniparser, with their layouts as this plugin has them. They are compared
/// with what the samples' snapshots say was read of each record, before other steps made something else of it.
@Suite("flatfile-omniparser")
struct OmniparserTests {
  static let material = PublishedMaterial("flatfile-omniparser")
  private static let samples = "extensions/omniv21/samples"

  static let singleRow: Configuration = [
    "form": "fixed_width", "short_records": "pad",
    "columns": [
      ["name": "DATE", "width": 24],
      ["name": "HIGH_TEMP_C", "at": 26, "width": 4, "trim": "none"],
      ["name": "LOW_TEMP_F", "at": 31, "width": 4, "trim": "none"],
      ["name": "WIND_DIR", "at": 36, "width": 2, "trim": "none"],
      // The sample reads two characters of the date here.
      ["name": "WIND_SPEED_KMH", "at": 9, "width": 2, "trim": "none", "overlay": true],
      ["name": "LAT", "at": 42, "width": 8, "trim": "none"],
      ["name": "LONG", "at": 51, "width": 8, "trim": "none"],
    ],
  ]

  static let multiRows: Configuration = [
    "form": "fixed_width", "short_records": "pad", "long_records": "ignore",
    "records": [
      [
        "name": "shipment", "match": ["at": 1, "is": "H001"], "lines": 11,
        "columns": [
          ["name": "event_date", "at": 142, "width": 8, "trim": "none"],
          ["name": "event_time", "width": 8, "trim": "none"],
          ["name": "event_timezone", "width": 4, "trim": "none"],
          ["name": "guaranteed_delivery_date", "at": 376, "width": 8, "trim": "none"],
          ["name": "tracking_number_h001", "at": 464, "width": 30, "trim": "none"],
          ["name": "event_city", "at": 564, "width": 30, "trim": "none"],
          ["name": "event_state", "width": 2, "trim": "none"],
          ["name": "scan_facility_zip", "width": 11, "trim": "none"],
          ["name": "destination_country", "width": 2, "trim": "none"],
          ["name": "tracking_number_h002_cn", "at": 28, "width": 50, "trim": "none", "line": 3],
        ],
      ]
    ],
  ]

  @Test("fixed width, a line a record", .enabled(if: material.isPresent))
  func fixedSingleRow() throws {
    let found = try read("fixedlength2/1_single_row.input.txt", Self.singleRow)
    // The other engine drops the record that is none by its date.
    #expect(found.map { $0["DATE"] ?? "" }.filter { $0 == "DO NOT PROCESS" }.count == 1)
    #expect(try found.filter { $0["DATE"] != "DO NOT PROCESS" } == expected("fixedlength2/.snapshots/Test1_Single_Row"))
  }

  @Test("fixed width, eleven lines a record", .enabled(if: material.isPresent))
  func fixedMultiRows() throws {
    let found = try read("fixedlength2/2_multi_rows.input.txt", Self.multiRows)
    #expect(try found == expected("fixedlength2/.snapshots/Test2_Multi_Rows"))
  }

  @Test("the same lines as a group, told apart by their codes", .enabled(if: material.isPresent))
  func group() async throws {
    let layout: Configuration = [
      "form": "fixed_width", "short_records": "pad", "long_records": "ignore",
      "records": [
        [
          "name": "shipment", "match": ["at": 1, "is": "H001"],
          "columns": [
            ["name": "tracking_number", "at": 464, "width": 30],
            ["name": "delivery", "at": 376, "width": 8, "type": "date", "format": "yyyyMMdd"],
          ],
          "records": [
            [
              "name": "cn", "match": ["at": 1, "pattern": "^H002.{19}CN"], "max": 1,
              "columns": [["name": "tracking_number", "at": 28, "width": 50]],
            ],
            [
              "name": "references", "match": ["at": 1, "is": "H002"], "min": 1,
              "columns": [["name": "code", "at": 24, "width": 3], ["name": "text", "at": 28, "width": 50]],
            ],
          ], "order": "any",
        ]
      ],
    ]
    let bytes = try Self.material.bytes(of: "\(Self.samples)/fixedlength2/2_multi_rows.input.txt")
    let parts = try await FlatFileRun.split(.bytes(bytes), layout)
    #expect(parts.count == 2)
    #expect(
      parts[0] == """
        1@1 {"tracking_number":"W841206858","delivery":"2019-08-27","cn":{"tracking_number":"100000103732"},\
        "references":[{"code":"BM","text":"040670500067120"},{"code":"OA","text":"2400 Highway 155 South"},\
        {"code":"OC","text":"Locust Grove"},{"code":"ON","text":"THE HOME DEPOT 6705"},\
        {"code":"OO","text":"W841206858"},{"code":"OP","text":"30248"},{"code":"OST","text":"GA"},\
        {"code":"OT","text":"US"},{"code":"PO","text":"7029083C"}]}
        """)
    #expect(parts[1].contains(#""cn":{"tracking_number":""},"references":[{"code":"BM""#))
    for size in [1, 7, 100, 1000, 4097] {
      #expect(try await FlatFileRun.split(bytes, piecesOf: size, layout) == parts)
    }
  }

  @Test("delimited, a line a record", .enabled(if: material.isPresent))
  func delimitedSingleRow() throws {
    let names = ["DATE", "HIGH TEMP C", "LOW TEMP F", "WIND DIR", "WIND SPEED KMH", "NOTE", "LAT", "LONG", "UV INDEX"]
    let columns = names.map { name -> Configuration in
      ["name": "\(name.replacing(" ", with: "_"))", "header": "\(name)"]
    }
    let found = try read(
      "csv2/1_single_row.input.csv",
      [
        "delimiter": "|", "quote": "none", "short_records": "pad",
        "columns": Configuration(elements: columns),
      ])
    // The other engine was told to read double quotes as single ones.
    let read = found.filter { $0["DATE"] != "N/A" }.map { $0.mapValues { $0.replacing("\"", with: "'") } }
    #expect(try read == expected("csv2/.snapshots/Test1_Single_Row"))
  }

  @Test("delimited, two lines a record", .enabled(if: material.isPresent))
  func delimitedMultiRow() throws {
    let layout: Configuration = [
      "records": [
        [
          "name": "pair", "lines": 2,
          "columns": [
            ["name": "COL1", "at": 3], ["name": "COL2", "at": 4], ["name": "COL3", "at": 1, "line": 2],
            ["name": "COL4", "at": 2, "line": 2],
          ],
        ]
      ],
      "long_records": "ignore",
    ]
    #expect(try read("csv2/2_fixed_multi_row.input.csv", layout) == expected("csv2/.snapshots/Test2_Fixed_Multi_Row"))
  }

  @Test("what was read of a sample in fixed width is written as the very bytes", .enabled(if: material.isPresent))
  func roundTrip() throws {
    let file = "\(Self.samples)/fixedlength2/1_single_row.input.txt"
    let text = String(decoding: try Self.material.bytes(of: file), as: UTF8.self)
    // The samples' layout leaves out one column of the file, and reads two characters of another in its place.
    let complete: Configuration = [
      "form": "fixed_width", "short_records": "pad", "line_ending": "lf",
      "columns": [
        ["name": "DATE", "width": 24],
        ["name": "HIGH_TEMP_C", "at": 26, "width": 4, "type": "decimal"],
        ["name": "LOW_TEMP_F", "at": 31, "width": 4, "type": "decimal"],
        ["name": "WIND_DIR", "at": 36, "width": 2, "align": "right"],
        ["name": "WIND_SPEED_KMH", "at": 39, "width": 2, "type": "integer"],
        ["name": "LAT", "at": 42, "width": 8, "type": "decimal"],
        ["name": "LONG", "at": 51, "width": 8, "type": "decimal"],
      ],
    ]
    let written = try FlatFileRun.write(FlatFileRun.parse(text, complete), complete)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    // The line that is none is the only one that ends before its last column.
    let filled = lines.map { $0 == "DO NOT PROCESS" ? $0.padding(to: 58) : String($0) }.joined(separator: "\n")
    #expect(written == filled)
  }

  /// What was read of each record, all of it strings.
  private func read(_ file: String, _ layout: Configuration) throws -> [[String: String]] {
    let bytes = try Self.material.bytes(of: "\(Self.samples)/\(file)")
    let message = try FlatFileRun.transform("parse_flat_file", layout, .bytes(bytes))
    return strings(try JSONDocument(parsing: message.bodyBytes()).root)
  }

  /// What the other engine says that it read.
  private func expected(_ snapshot: String) throws -> [[String: String]] {
    let document = try JSONDocument(parsing: Self.material.bytes(of: "\(Self.samples)/\(snapshot)"))
    guard case .json(let list) = document.root else { return [] }
    var records: [[String: String]] = []
    try list.forEachElement { element in
      let record = element.member("RawRecord")?.string ?? ""
      records += strings(try JSONDocument(parsing: Array("[\(record)]".utf8)).root)
    }
    return records
  }

  private func strings(_ value: Value) -> [[String: String]] {
    guard case .json(let list) = value else { return [] }
    var records: [[String: String]] = []
    list.forEachElement { element in
      var record: [String: String] = [:]
      element.forEachMember { record[$0] = $1.string }
      records.append(record)
    }
    return records
  }
}

extension Substring {
  /// The text with blanks behind it, `count` characters long.
  fileprivate func padding(to count: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, count - self.count))
  }
}
