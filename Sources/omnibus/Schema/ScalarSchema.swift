internal import Omnibus

extension ScalarForm {
  /// What can be written in this form.
  func schema(name: String, example: String) -> JSONSchema {
    var schema = self.schema
    schema["description"] = .string(name)
    let quoted = example.hasPrefix("\"") && example.hasSuffix("\"") && example.count > 1
    schema["examples"] = .strings([quoted ? String(example.dropFirst().dropLast()) : example])
    return schema
  }

  private var schema: JSONSchema {
    switch self {
    case .text: .scalar()
    case .fixedText: .scalar(matching: JSONSchema.noExpression)
    case .secret: JSONSchema(["type": "string", "pattern": "^\\$\\{(env|file):[^}]+\\}$"])
    case .wholeNumber: .any([JSONSchema(["type": "integer"]), .text(matching: "^-?[0-9]+$")])
    case .number: .any([JSONSchema(["type": "number"]), .text(matching: "^-?[0-9.]+([eE][+-]?[0-9]+)?$")])
    case .pattern(let pattern): .text(matching: pattern)
    }
  }
}

extension JSONSchema {
  /// A reference to a setting, somewhere in a text.
  private static let reference = "\\$\\{(env|file):"
  /// A text without `${ expression }`: every `${` begins a reference, or is escaped as `$${`.
  fileprivate static let noExpression = "^([^$]|\\$\\$\\{|\\$\\{(env|file):|\\$(?!\\{))*$"

  /// An expression. Numbers and truth values are expressions, too, and YAML reads them as such.
  static func expression(_ result: String) -> JSONSchema {
    scalar(matching: "^(?!\\$\\{.*\\}$)").described("an expression (\(result))")
  }

  /// One of some words; those that YAML reads as something else are taken as that, too.
  static func oneOf(_ words: [String]) -> JSONSchema {
    let values = words.flatMap { word -> [Value] in
      if let flag = Bool(word) { return [.bool(flag), .string(word)] }
      return (Double(word).map { [.double($0)] } ?? []) + [.string(word)]
    }
    return .any([JSONSchema(["enum": .list(values)]), JSONSchema(["type": "string", "pattern": .string(reference)])])
  }

  /// The schema with bounds on the numbers that it takes.
  func within(_ bounds: ClosedRange<Double>) -> JSONSchema {
    guard case .list(var alternatives)? = self["anyOf"], case .map(var number)? = alternatives.first else {
      return self
    }
    number["minimum"] = .number(bounds.lowerBound)
    number["maximum"] = .number(bounds.upperBound)
    alternatives[0] = .map(number)
    var schema = self
    schema["anyOf"] = .list(alternatives)
    return schema
  }

  /// What the engine reads as text, whatever YAML takes it for.
  fileprivate static func scalar(matching pattern: String? = nil) -> JSONSchema {
    var schema = JSONSchema(["type": .strings(["string", "number", "boolean"])])
    schema["pattern"] = pattern.map(Value.string)
    return schema
  }

  /// A text that matches `pattern`, or holds a reference to a setting.
  fileprivate static func text(matching pattern: String) -> JSONSchema {
    JSONSchema(["type": "string", "pattern": .string("(\(pattern))|\(reference)")])
  }
}

extension Value {
  /// A number, as short as it can be written.
  fileprivate static func number(_ value: Double) -> Value { Int64(exactly: value).map(Value.int) ?? .double(value) }
}
