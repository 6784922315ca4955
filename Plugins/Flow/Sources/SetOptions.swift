internal import Omnibus
internal import OmnibusExpression

/// The options of `set`.
struct SetOptions: Options {
  @Option(help: "the status of the answer, where the source gives one: 200 to 599", default: "none")
  var status: Template? = nil

  @Option(
    help: "headers by name; all other values of the name go", default: "none",
    check: { headers in
      headers.entries.allSatisfy { HeaderText.isName($0.key) } ? nil : "holds a name that no header can have"
    })
  var headers: OptionMap<TextTemplate> = OptionMap()

  @Option(help: "properties by name", default: "none")
  var properties: OptionMap<Template> = OptionMap()

  @Option(help: "a new body, as JSON", default: "none")
  var body: Template? = nil

  @Option(help: "fields of a JSON body by their path, such as name.given[0]", default: "none")
  var fields: FieldTemplates = FieldTemplates(entries: [])

  func validate(_ node: Node, in scope: LoadScope) {
    if body != nil, let fields = node["fields"] {
      scope.report(
        "conflicting-options", at: fields.location, "\(scope.subject) takes either body or fields, found both",
        help: "write the fields within the body")
    }
    if node.entries?.isEmpty ?? true {
      scope.report(
        "missing-option", at: node.location, "\(scope.subject) has nothing to set",
        help: "write one of status, headers, properties, body, fields")
    }
  }
}

/// The options of `remove`.
struct RemoveOptions: Options {
  @Option(help: "headers by name", default: "none") var headers: [String] = []
  @Option(help: "properties by name", default: "none") var properties: [String] = []
  @Option(help: "fields of a JSON body by their path", default: "none") var fields: [FieldPath] = []

  func validate(_ node: Node, in scope: LoadScope) {
    guard node.entries?.isEmpty ?? true else { return }
    scope.report(
      "missing-option", at: node.location, "\(scope.subject) has nothing to remove",
      help: "write one of headers, properties, fields")
  }
}
