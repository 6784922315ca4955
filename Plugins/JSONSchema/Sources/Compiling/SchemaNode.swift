/// A compiled schema. Its instructions stand in lists of a program's code, one for all values and one for each kind.
struct SchemaNode {
  /// Kinds of values that `type` allows, a bit each.
  struct Types: OptionSet {
    let rawValue: UInt16

    static let null = Types(rawValue: 1)
    static let boolean = Types(rawValue: 2)
    /// Numbers without fraction and exponent.
    static let integer = Types(rawValue: 4)
    /// Numbers that are written with either.
    static let decimal = Types(rawValue: 8)
    static let string = Types(rawValue: 16)
    static let array = Types(rawValue: 32)
    static let object = Types(rawValue: 64)
    /// Such as 1.0, which is an integer whatever it looks like.
    static let wholeDecimal = Types(rawValue: 128)
    static let all: Types = [.null, .boolean, .integer, .decimal, .string, .array, .object]

    /// The words of `type`.
    static let words = ["array", "boolean", "integer", "null", "number", "object", "string"]

    /// What the word of `type` allows; nil for a word that there is not.
    init?(word: String) {
      switch word {
      case "null": self = .null
      case "boolean": self = .boolean
      case "integer": self = [.integer, .wholeDecimal]
      case "number": self = [.integer, .decimal]
      case "string": self = .string
      case "array": self = .array
      case "object": self = .object
      default: return nil
      }
    }

    init(rawValue: UInt16) { self.rawValue = rawValue }
  }

  /// What is known without looking at the value.
  enum Outcome: UInt8 {
    case open, always, never
  }

  var outcome = Outcome.open
  /// Whether it looks at members or elements that nothing else in it has looked at.
  var tracks = false
  var types = Types.all
  /// Where `type` stands, or the schema `false`.
  var place: Int32 = 0
  /// The number of its resource.
  var resource: Int32 = 0
  // Where lists of instructions begin; at 0 an empty one does.
  var common: Int32 = 0
  var string: Int32 = 0
  var number: Int32 = 0
  var array: Int32 = 0
  var object: Int32 = 0
}
