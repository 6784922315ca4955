internal import Omnibus
internal import OmnibusExpression

/// An option that is a place in a JSON body: `name.given[0]`.
struct FieldPath: OptionValue {
  let path: JSONPath

  static var shape: OptionShape { .scalar("path", example: "name.given[0]") }

  static func decode(_ node: Node, in scope: LoadScope) -> FieldPath? {
    guard let text = String.decode(node, in: scope) else { return nil }
    do throws(JSONPath.Problem) {
      return FieldPath(path: try JSONPath(parsing: text))
    } catch {
      let place = node.textOffset.map { node.location.advanced(by: $0 + error.offset) }
      scope.report(
        "bad-path", at: place ?? node.location, "\(scope.subject): \(error.message)", help: "write \(shape.exampleText)"
      )
      return nil
    }
  }
}

/// An option that is a map of places in a JSON body to what is set there.
struct FieldTemplates: OptionValue {
  let entries: [(path: JSONPath, value: Template)]

  static var shape: OptionShape { .map(Template.shape) }

  static func decode(_ node: Node, in scope: LoadScope) -> FieldTemplates? {
    guard let entries = node.entries else {
      scope.reportMistyped(node, expected: shape)
      return nil
    }
    let read = entries.map { entry -> (path: JSONPath, value: Template)? in
      let path = FieldPath.decode(entry.key, in: scope)
      let value = scope.within(entry.key.text ?? "") { Template.decode(entry.value, in: scope) }
      guard let path, let value else { return nil }
      return (path.path, value)
    }
    return read.contains { $0 == nil } ? nil : FieldTemplates(entries: read.compactMap { $0 })
  }
}
