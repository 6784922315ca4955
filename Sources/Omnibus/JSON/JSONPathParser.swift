/// Reads a `JSONPath` from its text.
struct JSONPathParser {
  /// Each step is a level of containers, and values do not nest deeper than this when they are read.
  private static let maxSteps = 128

  private let characters: [Character]
  private var place = 0

  init(_ text: some StringProtocol) { characters = Array(text) }

  /// Whether a name without quotes ends before `character`.
  static func ends(_ character: Character) -> Bool {
    character == "." || character == "[" || character == "]" || character == "\"" || character.isWhitespace
  }

  mutating func parse() throws(JSONPath.Problem) -> [JSONPath.Step] {
    guard !characters.isEmpty else { throw problem("the path is empty") }
    var steps: [JSONPath.Step] = []
    if peek != "[" { steps.append(.name(try name())) }
    while let character = peek {
      guard steps.count < Self.maxSteps else { throw problem("the path has more than \(Self.maxSteps) steps") }
      switch character {
      case ".":
        place += 1
        steps.append(.name(try name()))
      case "[":
        place += 1
        steps.append(try bracketed())
      default:
        throw problem("expected \".\" or \"[\"")
      }
    }
    return steps
  }

  private var peek: Character? { place < characters.count ? characters[place] : nil }

  private func problem(_ message: String) -> JSONPath.Problem { JSONPath.Problem(message: message, offset: place) }

  private mutating func name() throws(JSONPath.Problem) -> String {
    let name = characters[place...].prefix { !Self.ends($0) }
    guard !name.isEmpty else { throw problem("expected a name") }
    place += name.count
    return String(name)
  }

  private mutating func bracketed() throws(JSONPath.Problem) -> JSONPath.Step {
    let step = peek == "\"" ? JSONPath.Step.name(try quoted()) : .index(try index())
    guard peek == "]" else { throw problem("expected \"]\"") }
    place += 1
    return step
  }

  private mutating func index() throws(JSONPath.Problem) -> Int {
    let digits = characters[place...].prefix { $0.isASCII && $0.isNumber }
    guard let index = Int(String(digits)) else { throw problem("expected an index or a name in double quotes") }
    place += digits.count
    return index
  }

  private mutating func quoted() throws(JSONPath.Problem) -> String {
    var name = ""
    place += 1
    while let character = peek {
      place += 1
      if character == "\"" { return name }
      guard character == "\\" else {
        name.append(character)
        continue
      }
      guard let escaped = peek, escaped == "\"" || escaped == "\\" else { throw problem("expected \\\" or \\\\") }
      name.append(escaped)
      place += 1
    }
    throw problem("expected a closing double quote")
  }
}
