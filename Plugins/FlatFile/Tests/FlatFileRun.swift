import FlatFilePlugin
import Omnibus
import OmnibusTesting
import Synchronization

/// Runs the components of the plugin on texts.
enum FlatFileRun {
  /// What the step answers for a body.
  static func transform(_ step: String, _ options: Configuration = [:], _ body: Body) throws -> Message {
    var message = Message(body: body)
    guard case .transformer(let transformer) = try ComponentLoader([.flatFile]).make(.step, step, options) else {
      return message
    }
    try transformer.transform(&message, .testing())
    return message
  }

  /// The JSON text that `parse_flat_file` makes.
  static func parse(_ text: String, _ options: Configuration = [:]) throws -> String {
    let message = try transform("parse_flat_file", options, .bytes(Array(text.utf8)))
    return String(decoding: try message.bodyBytes(), as: UTF8.self)
  }

  /// The text that `write_flat_file` makes of JSON.
  static func write(_ json: String, _ options: Configuration = [:]) throws -> String {
    let document = try JSONDocument(parsing: Array(json.utf8))
    let message = try transform("write_flat_file", options, .document(document))
    return String(decoding: try message.bodyBytes(), as: UTF8.self)
  }

  /// The parts of a body, a line of text for each: number, line, and JSON or what is wrong.
  static func split(_ body: Body, _ options: Configuration = [:]) async throws -> [String] {
    guard case .splitter(let splitter) = try ComponentLoader([.flatFile]).make(.splitter, "flat_file", options) else {
      return []
    }
    var reader = try splitter.parts(of: body, headers: Headers(), .testing())
    var parts: [String] = []
    while let part = try await reader.next() {
      let place = "\(part.number)@\(part.line ?? 0) "
      switch part.content {
      case .document(let document):
        let bytes = try document.serialize()
        // What was made without a parse has to read like what is parsed.
        _ = try JSONText.parse(bytes)
        parts.append(place + String(decoding: bytes, as: UTF8.self))
      case .bad(let failure, let source):
        parts.append(place + failure.reason + " | " + String(decoding: source.prefix(60), as: UTF8.self))
      }
    }
    return parts
  }

  /// The same, of a stream of pieces with `size` bytes.
  static func split(_ bytes: [UInt8], piecesOf size: Int, _ options: Configuration = [:]) async throws -> [String] {
    try await split(.stream(stream(bytes, piecesOf: size)), options)
  }

  /// A stream of `bytes` in pieces of `size`.
  static func stream(_ bytes: [UInt8], piecesOf size: Int) -> BodyStream {
    let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
    let cursor = Cursor()
    return BodyStream {
      let place = cursor.advance()
      return place < pieces.count ? pieces[place] : nil
    }
  }
}

/// Counts from 0.
final class Cursor: Sendable {
  private let place = Atomic<Int>(0)

  func advance() -> Int { place.wrappingAdd(1, ordering: .relaxed).oldValue }
}
