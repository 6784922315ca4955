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
