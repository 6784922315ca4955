internal import Omnibus

/// A parameter of a query, or a member of a body: what it is called, and what it can be. Requests are read by it, and the
/// OpenAPI document is made from it.
struct AdminField: Sendable {
  /// What a field can be.
  indirect enum Kind: Sendable {
    case text(maxLength: Int)
    case flag
    case number(ClosedRange<Int>)
    /// `10s`, `1h30m`.
    case duration(max: Duration)
    /// A moment, after RFC 3339.
    case time
    /// `10/s`.
    case rate
    case words([String])
    case objects([AdminField], atMost: Int)
  }

  let name: String
  let kind: Kind
  let help: String
  var isRequired = false

  init(_ name: String, _ kind: Kind, _ help: String, isRequired: Bool = false) {
    self.name = name
    self.kind = kind
    self.help = help
    self.isRequired = isRequired
  }

  /// What it can be, as a JSON Schema.
  var schema: AdminSchema {
    let schema: AdminSchema =
      switch kind {
      case .text(let length): .string.with("maxLength", .int(Int64(length)))
      case .flag: .boolean
      case .number(let range):
        .integer.with("minimum", .int(Int64(range.lowerBound))).with("maximum", .int(Int64(range.upperBound)))
      case .duration: .string.with("pattern", "^[+-]?(0|(([0-9]+[.]?[0-9]*|[.][0-9]+)(ms|us|µs|μs|ns|h|m|s))+)$")
      case .time: .time
      case .rate: .string.with("pattern", "^0*[1-9][0-9]*/(s|m|h)$")
      case .words(let words): .words(words)
      case .objects(let fields, let count):
        AdminSchema.list(.object(fields)).with("maxItems", .int(Int64(count)))
      }
    return schema.with("description", .string(help))
  }

  /// What it can be as a Parameter Object of a query (OpenAPI 3.1, 4.8.12).
  var parameter: Value {
    .map(
      ValueMap([
        ("name", .string(name)), ("in", "query"), ("required", .bool(isRequired)), ("schema", schema.value),
      ]))
  }
}
