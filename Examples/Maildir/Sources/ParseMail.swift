import Omnibus

/// Turns a mail (RFC 5322) into a document: `headers` with a text for each field, by its name in lower case, and `text`.
struct ParseMail: Transformer {
  static let maxFields = 1000

  func transform(_ message: inout Message, _ context: Context) throws {
    let newline = UInt8(ascii: "\n")
    var lines = try message.bodyBytes().split(separator: newline, omittingEmptySubsequences: false)[...]
    var fields: [(name: String, value: String)] = []
    while let line = lines.popFirst().map(Self.text), !line.isEmpty {
      if line.first == " " || line.first == "\t", let last = fields.indices.last {
        // A folded field goes on (2.2.3).
        fields[last].value += " " + line.drop { $0 == " " || $0 == "\t" }
      } else {
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex, fields.count < Self.maxFields else {
          throw Failure(.invalid, "header field \(fields.count + 1) of the mail: expected a name and a colon")
        }
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        fields.append((line[..<colon].lowercased(), String(value)))
      }
    }
    var headers = ValueMap()
    for field in fields where headers[field.name] == nil { headers[field.name] = .string(field.value) }
    let text = Self.text(Array(lines.joined(separator: [newline]))[...])
    message.body = .document(JSONDocument(.map(ValueMap([("headers", .map(headers)), ("text", .string(text))]))))
    message.contentType = "application/json"
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes, as: UTF8.self)
  }
}
