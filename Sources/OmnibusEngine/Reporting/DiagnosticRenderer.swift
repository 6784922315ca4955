public import Omnibus

/// Writes diagnostics for people: place, code, message, the line with the place underlined, what to write instead.
public struct DiagnosticRenderer: Sendable {
  /// The largest file that an excerpt is read of.
  private static let maxFileSize = 16 << 20
  /// How much of a long line an excerpt shows.
  static let excerptWidth = 110

  private let lines: [String: [Substring]]
  private let usesColour: Bool

  /// A renderer with the lines of `files` for excerpts, and those of other files as they are on the disk; `colour` is for
  /// terminals.
  public init(files: RouteFiles, colour: Bool) {
    lines = Dictionary(
      files.files.map { ($0.path, Self.lines(of: $0.bytes)) }, uniquingKeysWith: { first, _ in first })
    usesColour = colour
  }

  private static func lines(of bytes: [UInt8]) -> [Substring] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// One diagnostic, with a line break at its end.
  public func render(_ diagnostic: Diagnostic) -> String {
    let severity = diagnostic.severity.rawValue
    let colour = diagnostic.severity == .error ? "31" : "33"
    var text = paint("\(diagnostic.location): ", "1") + paint("\(severity)[\(diagnostic.code)]", "1;\(colour)")
    text += paint(": \(diagnostic.message)", "1") + "\n"
    // The line would show the secret.
    if diagnostic.code != "literal-secret" { text += excerpt(diagnostic.location, colour: colour) }
    for note in diagnostic.notes {
      text += "\(note.location): note: \(note.message)\n" + excerpt(note.location, colour: "36")
    }
    if let help = diagnostic.help { text += "      = " + paint("help", "36") + ": \(help)\n" }
    return text
  }

  private func excerpt(_ place: Location, colour: String) -> String {
    let known = lines[place.file] ?? FileBytes.read(place.file, limit: Self.maxFileSize).map(Self.lines)
    guard let fileLines = known, fileLines.indices.contains(place.line - 1) else { return "" }
    // A line may be all of a file.
    let near = fileLines[place.line - 1].unicodeScalars.prefix(place.column + Self.excerptWidth)
    let characters = near.map { $0.value < 0x20 ? " " : Character($0) }
    let start = max(0, min(place.column - 1 - Self.excerptWidth / 2, characters.count - Self.excerptWidth))
    let shown = characters[start..<min(start + Self.excerptWidth, characters.count)]
    let before = start > 0 ? "…" : ""
    let after = shown.endIndex < characters.count ? "…" : ""
    let indent = String(repeating: " ", count: max(0, place.column - 1 - start) + before.count)
    let room = max(1, shown.endIndex - place.column + 1)
    let marks = String(repeating: "^", count: min(max(1, place.length), room))
    let number = String(place.line)
    let margin = String(repeating: " ", count: max(0, 5 - number.count))
    return "\(margin)\(number) | \(before)\(String(shown))\(after)\n      | \(indent)\(paint(marks, colour))\n"
  }

  private func paint(_ text: String, _ code: String) -> String {
    usesColour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

extension Diagnostic {
  /// The diagnostic as a value for JSON: code, severity, file, line, column, length, message, help, notes.
  public var value: Value {
    var members: [(String, Value)] = [("code", .string(code)), ("severity", .string(severity.rawValue))]
    members += location.members
    members.append(("message", .string(message)))
    if let help { members.append(("help", .string(help))) }
    if !notes.isEmpty {
      members.append(
        ("notes", .list(notes.map { .map(ValueMap($0.location.members + [("message", .string($0.message))])) })))
    }
    return .map(ValueMap(members))
  }
}

extension Location {
  fileprivate var members: [(String, Value)] {
    [
      ("file", .string(file)), ("line", .int(Int64(line))), ("column", .int(Int64(column))),
      ("length", .int(Int64(length))),
    ]
  }
}
