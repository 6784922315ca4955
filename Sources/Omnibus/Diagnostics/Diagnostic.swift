/// One problem of a file that people write: where it is, what was found, what to write instead.
public struct Diagnostic: Error, Sendable, Hashable {
  /// Whether the routes can be applied in spite of it.
  public enum Severity: String, Sendable {
    case error
    case warning
  }

  /// A second place that explains the first.
  public struct Note: Sendable, Hashable {
    /// Where.
    public var location: Location
    /// What is to be seen there.
    public var message: String

    /// A note at a place.
    public init(_ location: Location, _ message: String) {
      self.location = location
      self.message = message
    }
  }

  /// Names the sort of problem, such as `unknown-option`; constant, for tools and searches.
  public var code: String
  /// Whether the routes can be applied in spite of it.
  public var severity: Severity
  /// Where it is.
  public var location: Location
  /// What was found and what was expected; lower case, no full stop.
  public var message: String
  /// What to write instead, where that can be said.
  public var help: String?
  /// Other places that explain it.
  public var notes: [Note]

  /// A problem at a place.
  public init(
    _ code: String, at location: Location, _ message: String, help: String? = nil, notes: [Note] = [],
    severity: Severity = .error
  ) {
    self.code = code
    self.severity = severity
    self.location = location
    self.message = message
    self.help = help
    self.notes = notes
  }
}

/// A place in a file, and how far it reaches on its line.
public struct Location: Sendable, Hashable, CustomStringConvertible {
  /// The path of the file, as it was given; an option of the command line where the line is 0.
  public var file: String
  /// From 1; 0 for what stands in no file.
  public var line: Int
  /// From 1, in characters.
  public var column: Int
  /// How many characters the excerpt underlines, at least 1.
  public var length: Int

  /// A place.
  public init(file: String, line: Int, column: Int, length: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
    self.length = length
  }

  /// `Routes/admissions.yaml:14:15`.
  public var description: String { line == 0 ? file : "\(file):\(line):\(column)" }

  /// The same line, `offset` characters on.
  public func advanced(by offset: Int, length: Int = 1) -> Location {
    Location(file: file, line: line, column: column + offset, length: length)
  }
}

/// All problems of all files, thrown together.
public struct Diagnostics: Error, Sendable {
  /// The problems, by file and place.
  public var all: [Diagnostic]

  /// The problems in `all`.
  public init(_ all: [Diagnostic]) { self.all = all }
}
