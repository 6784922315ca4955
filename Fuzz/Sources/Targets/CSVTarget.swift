import FlatFilePlugin
import Omnibus
import OmnibusTesting
import Synchronization

extension FuzzTarget {
  /// A flat file. The first byte says by which layout, the second how large the pieces are: what comes in pieces must be
  /// read as what comes at once is, and every record is JSON.
  static let csv = FuzzTarget(name: "csv") { bytes in
    guard bytes.count >= 2 else { return }
    let options = layouts[Int(bytes[0]) % layouts.count]
    let input = Array(bytes[2...])
    let whole = try records(.bytes(input), options)
    let pieces = try records(.stream(stream(input, piecesOf: Int(bytes[1] % 31) + 1)), options)
    try hold(whole == pieces, "\(whole) at once, \(pieces) in pieces")
  }

  private static let columns: Configuration = [
    ["name": "id", "type": "integer", "required": true], ["name": "name"], ["name": "born", "type": "date"],
    ["name": "amount", "type": "decimal"],
  ]

  private static let layouts: [Configuration] = [
    [:], ["delimiter": ";", "trim": true], ["header": false, "columns": columns], ["columns": columns],
    ["delimiter": "|", "quote": "none", "comment": "#"], ["escape": "backslash", "bare_quotes": true, "skip_rows": 1],
    visits, ["form": "fixed_width", "encoding": "utf-16", "short_records": "pad", "columns": fixedColumns],
    ["form": "fixed_width", "line_ending": "none", "columns": fixedColumns],
    ["encoding": "windows-1252", "invalid_characters": "replace", "columns": columns],
  ]

  private static let fixedColumns: Configuration = [
    ["name": "id", "at": 1, "width": 4, "type": "integer", "pad": "0"], ["name": "name", "width": 3],
    ["name": "amount", "width": 5, "type": "decimal", "sign": "overpunch", "implied_decimals": 2],
  ]

  /// Records of several types, one below another.
  private static let visits: Configuration = [
    "form": "fixed_width", "encoding": "iso-8859-1",
    "records": [
      ["name": "header", "match": ["at": 1, "is": "H"], "max": 1, "columns": [["name": "day", "at": 2, "width": 8]]],
      [
        "name": "employee", "match": ["at": 1, "is": "E"], "columns": [["name": "number", "at": 2, "width": 3]],
        "records": [
          ["name": "visits", "match": ["at": 1, "is": "V"], "columns": [["name": "minutes", "at": 2, "width": 2]]]
        ],
      ],
    ],
  ]

  /// A line of text for each record, and for what ends the file early.
  private static func records(_ body: Body, _ options: Configuration) throws -> [String] {
    guard case .splitter(let splitter) = try ComponentLoader([.flatFile]).make(.splitter, "flat_file", options) else {
      throw Broken(description: "no splitter")
    }
    return try Waiting.run {
      var lines: [String] = []
      do {
        var reader = try splitter.parts(of: body, headers: Headers(), .testing())
        while let part = try await reader.next() {
          let place = "\(part.number)@\(part.line ?? 0)"
          switch part.content {
          case .document(let document):
            let text = try document.serialize()
            _ = try JSONText.parse(text)
            lines.append("\(place) \(String(decoding: text, as: UTF8.self))")
          case .bad(let failure, _): lines.append("\(place) \(failure.reason)")
          }
        }
      } catch let failure as Failure where failure.kind == .invalid {
        lines.append(failure.reason)
      }
      return lines
    }
  }

  private static func stream(_ bytes: [UInt8], piecesOf size: Int) -> BodyStream {
    let left = Mutex(bytes[...])
    return BodyStream {
      left.withLock { left in
        defer { left = left.dropFirst(size) }
        return left.isEmpty ? nil : Array(left.prefix(size))
      }
    }
  }
}
