import Omnibus

/// What a keyword forbids, in words: never what was found.
struct Violation {
  /// The keyword: `type`.
  let keyword: String
  /// What was expected.
  let expected: String
  /// Where the keyword stands in its schema: `schemas/client.json#/properties/name/type`.
  let place: String

  init(_ problem: Validator.Problem, of program: SchemaProgram) {
    let constant = program.places[Int(problem.place)]
    let (document, index) = (program.documents[Int(constant.document)], Int(constant.index))
    let pointer = JSONPointer(to: index, in: document.view, from: 0) { _ in true }
    var keyword = pointer.tokens.last ?? ""
    // Its value is a map of lists of names.
    if let outer = pointer.tokens.dropLast().last, ["dependentRequired", "dependencies"].contains(outer) {
      keyword = outer
    }
    let isForbidden = document.view.rawKind(index) == 1
    place = "\(document.name)#\(pointer.text)"
    self.keyword = keyword
    if isForbidden {
      expected = "expected nothing here"
    } else if problem.missing >= 0 {
      expected = "expected a member \"\(program.name(ofEntry: problem.missing))\""
    } else {
      expected = Self.expectation(keyword, document, index)
    }
  }

  private static func expectation(_ keyword: String, _ document: SchemaDocument, _ index: Int) -> String {
    let value = shortened(document, index)
    return switch keyword {
    case "type": "expected \(types(document, index))"
    case "const": "expected \(value)"
    case "enum": "expected one of \(value)"
    case "minLength": "expected at least \(value) characters"
    case "maxLength": "expected at most \(value) characters"
    case "pattern": "expected a text that matches \(value)"
    case "format": "expected a text of the format \(value)"
    case "contentEncoding": "expected a text in Base64"
    case "contentMediaType": "expected a text that holds JSON, in the encoding that contentEncoding names"
    case "minimum": "expected a number of at least \(value)"
    case "exclusiveMinimum": "expected a number above \(value)"
    case "maximum": "expected a number of at most \(value)"
    case "exclusiveMaximum": "expected a number below \(value)"
    case "multipleOf": "expected a multiple of \(value)"
    case "minItems": "expected at least \(value) elements"
    case "maxItems": "expected at most \(value) elements"
    case "uniqueItems": "expected elements of which no two are the same"
    case "minProperties": "expected at least \(value) members"
    case "maxProperties": "expected at most \(value) members"
    case "contains": "expected elements of which as many as it says are as contains has it"
    case "anyOf": "expected what at least one of \(document.view.count(index)) schemas says"
    case "oneOf": "expected what exactly one of \(document.view.count(index)) schemas says"
    case "not": "expected anything but what the schema says"
    default: "expected something else"
    }
  }

  private static func types(_ document: SchemaDocument, _ index: Int) -> String {
    let words = document.isString(index) ? [index] : document.elements(of: index)
    return words.filter(document.isString).map { article(document.view.string($0)) }.joined(separator: " or ")
  }

  private static func article(_ word: String) -> String {
    switch word {
    case "null": "null"
    case "integer", "array", "object": "an \(word)"
    default: "a \(word)"
    }
  }

  private static func shortened(_ document: SchemaDocument, _ index: Int) -> String {
    let source = JSONNode(document.text, tapeIndex: index).withSource {
      String(decoding: $0.prefix(400), as: UTF8.self)
    }
    let line = source.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 100 ? "\(line.prefix(100))…" : line
  }
}

extension SchemaProgram {
  /// A name of the schema.
  func name(ofEntry number: Int32) -> String {
    let entry = entries[Int(number)]
    return String(decoding: names[Int(entry.offset)..<Int(entry.offset + entry.length)], as: UTF8.self)
  }
}
