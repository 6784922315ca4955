/// A place within a JSON value, as routes write it: `name.given[0]`, `extension["valid from"]`, `[2].id`.
public struct JSONPath: Sendable, Equatable {
  /// One step downwards.
  public enum Step: Sendable, Equatable {
    /// Into the member of an object.
    case name(String)
    /// Into the element of an array, from 0.
    case index(Int)
  }

  /// Why a text is no path.
  public struct Problem: Error, Equatable {
    /// What was found and what was expected.
    public var message: String
    /// Where in the text, in characters from 0.
    public var offset: Int
  }

  /// The steps from the outermost; none is the whole value.
  public var steps: [Step]

  /// A path of steps.
  public init(_ steps: [Step]) { self.steps = steps }

  /// Reads a path: names joined by `.`, indexes in brackets, names of any characters in brackets and double quotes.
  public init(parsing text: some StringProtocol) throws(Problem) {
    var parser = JSONPathParser(text)
    steps = try parser.parse()
  }

  /// Whether it is the whole value.
  public var isEmpty: Bool { steps.isEmpty }
}

extension JSONPath: CustomStringConvertible {
  /// The path as it would be written.
  public var description: String { Self.text(of: steps[...]) }

  static func text(of steps: ArraySlice<Step>) -> String {
    var text = ""
    for step in steps {
      switch step {
      case .index(let index): text += "[\(index)]"
      case .name(let name) where name.isEmpty || name.contains(where: { JSONPathParser.ends($0) }):
        text += "[\"\(name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"]"
      case .name(let name): text += text.isEmpty ? name : ".\(name)"
      }
    }
    return text
  }
}
