import JSONSchemaPlugin
import Omnibus
import OmnibusTesting

extension FuzzTarget {
  /// A schema, and behind it, where there is a zero byte, a body. What compiles says the same of a body twice, and by `not`
  /// the opposite; what it says is `invalid`.
  static let jsonSchema = FuzzTarget(name: "json_schema") { bytes in
    let (schema, body) = bytes.halves
    let folder = TemporaryDirectory()
    folder.write("schema.json", schema)
    folder.write("not.json", ##"{"not":{"$ref":"schema.json"}}"##)
    guard let step = make(in: folder, "schema.json") else { return }
    let failure = try Self.failure(of: body, step)
    let again = try Self.failure(of: body, step)
    try hold(
      again?.reason == failure?.reason && again?.problems.map(\.detail) == failure?.problems.map(\.detail),
      "a body is said to be wrong in different ways")
    guard (try? JSONText.parse(body)) != nil, let opposite = make(in: folder, "not.json") else { return }
    let other = try Self.failure(of: body, opposite)
    // A body that is given up is neither valid nor what the schema forbids.
    guard failure.map({ !$0.problems.isEmpty }) ?? true, other.map({ !$0.problems.isEmpty }) ?? true else { return }
    try hold((failure == nil) != (other == nil), "a body is what the schema says, and what it does not")
  }

  private static func make(in folder: TemporaryDirectory, _ schema: String) -> (any Transformer)? {
    let options = Configuration(entries: [("schema", "\(schema)"), ("check_formats", true)])
    let context = Context.testing(directory: folder.path, routesFolder: folder.path)
    guard
      case .transformer(let step)? = try? ComponentLoader([.jsonSchema], context: context)
        .make(.step, "validate_json", options)
    else { return nil }
    return step
  }

  private static func failure(of body: [UInt8], _ step: any Transformer) throws -> Failure? {
    var message = Message(body: .bytes(body))
    do {
      try step.transform(&message, .testing())
      return nil
    } catch {
      let failure = Failure(error)
      try hold(failure.kind == .invalid, "\(failure)")
      return failure
    }
  }
}
