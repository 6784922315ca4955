import JSONSchemaPlugin
import Omnibus
import OmnibusTesting

/// `validate_json` with schemas in a folder of its own.
struct SchemaRun {
  private let transformer: any Transformer
  private let context: Context

  /// The step with `files` of which `schema.json` is its schema; throws all that is wrong with it.
  init(_ files: [String: String], _ options: [String: Configuration] = [:]) throws {
    let folder = TemporaryDirectory()
    for (name, text) in files { folder.write(name, text) }
    self = try withExtendedLifetime(folder) { try SchemaRun(in: folder.path, options) }
  }

  /// The step with a schema of these bytes.
  init(schema: [UInt8], _ options: [String: Configuration] = [:]) throws {
    let folder = TemporaryDirectory()
    folder.write("schema.json", schema)
    self = try withExtendedLifetime(folder) { try SchemaRun(in: folder.path, options) }
  }

  /// The step with the files of a folder.
  init(in folder: String, _ options: [String: Configuration] = [:]) throws {
    context = .testing(formats: Formats([json]), directory: folder, routesFolder: folder)
    var options = options
    if options["schema"] == nil { options["schema"] = "schema.json" }
    let made = try ComponentLoader([.jsonSchema], context: context)
      .make(.step, "validate_json", Configuration(entries: options.map { ($0.key, $0.value) }))
    guard case .transformer(let transformer) = made else { throw Failure(.internal, "no transformer") }
    self.transformer = transformer
  }

  /// What is wrong with a body; nil where it is valid.
  func failure(of body: String) -> Failure? { failure(of: Message(body: .bytes(Array(body.utf8)))) }

  /// What is wrong with a message; nil where it is valid.
  func failure(of message: Message) -> Failure? {
    do {
      _ = try run(message)
      return nil
    } catch {
      return Failure(error)
    }
  }

  /// The message after the step.
  func run(_ message: Message) throws -> Message {
    var message = message
    try transformer.transform(&message, context)
    return message
  }

  /// The places of what is wrong with a body.
  func places(of body: String) -> [String] { failure(of: body)?.problems.compactMap(\.place) ?? [] }
}

let json = Format(name: "json", mediaTypes: ["application/json", "+json"]) { bytes throws(Failure) in
  try JSONDocument(parsing: bytes)
}
