internal import Omnibus
internal import OmnibusEngine

extension SchemaWriter {
  /// The schema of a routes file, for all components of the catalogue.
  func routesFile() -> JSONSchema {
    var schema = JSONSchema.object([
      (
        "connections",
        .map(.one(of: shared(.connection))).described("Named options that several uses of a connector share.").orNull
      ),
      (
        "resources",
        .map(.one(of: uses(.middleware) + shared(.resource)))
          .described("Named middleware whose state several routes share, and layouts of files.").orNull
      ),
      ("routes", .list(.definition("route")).described("The routes of this file.").orNull),
    ]).orNull
    schema["$defs"] = .map(ValueMap(definitions().map { ($0.name, $0.schema.value) }))
    return document(schema, title: "Omnibus routes")
  }

  private func definitions() -> [(name: String, schema: JSONSchema)] {
    let components = Component.Role.allCases.flatMap { role in
      catalog.names(role).compactMap { catalog.component($0, role) }
        .map { (name: "\(role.rawValue).\($0.name)", schema: use(of: $0)) }
    }
    return [
      ("id", id()), ("route", route()), ("source", .one(of: uses(.source))),
      ("destination", .one(of: uses(.destination))), ("steps", .list(.definition("step"))), ("step", step()),
      ("middleware", .list(.one(of: [("use", .text("the name of a resource"))] + uses(.middleware)))),
    ] + components
  }

  private func route() -> JSONSchema {
    JSONSchema.object(
      [
        ("id", .definition("id").described("The name of the route, unique among all files.")),
        ("description", .text("What the route is for.")),
        ("from", .definition("source").described("Where the messages come from.")),
        (
          "middleware",
          .definition("middleware").described("What wraps the whole route, the first listed outermost.")
        ),
        ("steps", .definition("steps").described("What is done with each message.")),
      ], required: ["id", "from", "steps"])
  }

  private func step() -> JSONSchema {
    let verbs =
      [(name: "to", schema: JSONSchema.definition("destination").described("Sends the message."))] + uses(.step)
    let besides: [(name: String, schema: JSONSchema)] = [
      ("id", stepID()),
      ("middleware", .definition("middleware").described("What wraps this step, the first listed outermost.")),
      ("reply", JSONSchema(["enum": .strings(["ignore"])]).described("Leaves the message as it was.")),
    ]
    var schema = JSONSchema.object(besides + verbs)
    schema["oneOf"] = .list(verbs.map { JSONSchema(["required": .strings([$0.name])]).value })
    schema["dependentRequired"] = .map(ValueMap([("reply", .strings(["to"]))]))
    return schema
  }

  private func id() -> JSONSchema {
    JSONSchema([
      "type": .strings(["string", "number", "boolean"]), "pattern": "^[A-Za-z0-9._-]{1,100}$",
    ])
  }

  private func stepID() -> JSONSchema {
    var schema = JSONSchema.definition("id").described("The name of the step, unique within the route.")
    schema["not"] = JSONSchema(["enum": .strings(RouteBuilder.reservedIDs.sorted())]).value
    return schema
  }

  /// The options of a component; where it takes those of a connection, or the like, they may stand there.
  private func use(of component: Component) -> JSONSchema {
    guard let key = component.shared?.key, component.takesShared, case .fields(let fields) = component.shape else {
      return schema(component.shape).described(component.summary)
    }
    var schema = schema(fields, beside: [(key, .text("the \(key) whose options these add to"))])
    if let required = schema["required"] {
      schema["required"] = nil
      schema["if"] = JSONSchema(["not": JSONSchema(["required": .strings([key])]).value]).value
      schema["then"] = JSONSchema(["required": required]).value
    }
    return schema.described(component.summary)
  }

  /// Named options: those of one component, or of several that share them, any of which may be missing.
  private func shared(_ table: SharedOptions.Table) -> [(name: String, schema: JSONSchema)] {
    catalog.shared(table).map { name in
      let fields = catalog.sharing(table, of: name)
        .flatMap { component -> [OptionField] in
          if case .fields(let fields) = component.shape { return fields }
          return []
        }
      let byName = Dictionary(grouping: fields, by: \.name)
      return (name, .object(byName.keys.sorted().map { ($0, .any((byName[$0] ?? []).map(schema))) }))
    }
  }
}

extension JSONSchema {
  /// Any text.
  fileprivate static func text(_ description: String) -> JSONSchema {
    JSONSchema(["type": .strings(["string", "number", "boolean"]), "description": .string(description)])
  }
}
