public import Omnibus

/// The endpoints of a listener as an OpenAPI document (spec.openapis.org/oas/v3.1.0), the same for the same endpoints.
public struct OpenAPIDocument {
  /// The methods that an operation can have, in the order in which they are written.
  private static let methods = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH"]

  private let title: String
  private let version: String
  private var paths: [Path] = []

  /// One path with its operations by method.
  private struct Path {
    let pattern: PathPattern
    var operations: [String: Operation] = [:]
  }

  private struct Operation {
    let description: OperationDescription
    /// Whether it is one of several that a single endpoint answers.
    let isOneOfSeveral: Bool
  }

  /// A document of those of `endpoints` that describe themselves; of two with the same path and method, the later one.
  public init(title: String, version: String, endpoints: [HTTPEndpoint]) {
    self.title = title
    self.version = version
    let described = endpoints.filter { $0.operation != nil }
    let counts = Dictionary(described.compactMap { $0.operation?.id }.map { ($0, 1) }, uniquingKeysWith: +)
    for endpoint in described where endpoint.method != nil { add(endpoint, counts) }
    for endpoint in described where endpoint.method == nil { add(endpoint, counts) }
    // Written alike, paths differ only in what their captures are called.
    paths.sort { $0.pattern.template < $1.pattern.template }
  }

  private mutating func add(_ endpoint: HTTPEndpoint, _ counts: [String: Int]) {
    guard let description = endpoint.operation else { return }
    let place =
      paths.firstIndex { $0.pattern.hasSamePaths(as: endpoint.path) }
      ?? {
        paths.append(Path(pattern: endpoint.path))
        return paths.count - 1
      }()
    if let method = endpoint.method {
      let isOneOfSeveral = counts[description.id] ?? 1 > 1
      paths[place].operations[method] = Operation(description: description, isOneOfSeveral: isOneOfSeveral)
    } else {
      for method in Self.methods where paths[place].operations[method] == nil {
        paths[place].operations[method] = Operation(description: description, isOneOfSeveral: true)
      }
    }
  }

  /// The document.
  public var value: Value {
    let problem = Self.object(
      ("description", .string("What went wrong, as problem details (RFC 9457)")),
      (
        "content",
        Self.object(
          (
            "application/problem+json",
            Self.object(("schema", Self.object(("$ref", .string("#/components/schemas/Problem")))))
          ))
      ))
    var components = ValueMap([
      ("schemas", Self.object(("Problem", Self.problemSchema))), ("responses", Self.object(("Problem", problem))),
    ])
    let schemes = securitySchemes
    if schemes.count > 0 { components["securitySchemes"] = .map(schemes) }
    return .map(
      ValueMap([
        ("openapi", .string("3.1.0")),
        ("info", Self.object(("title", .string(title)), ("version", .string(version)))),
        ("paths", .map(ValueMap(paths.map { ($0.pattern.template, item($0)) }))),
        ("components", .map(components)),
      ]))
  }

  private func item(_ path: Path) -> Value {
    let operations = Self.methods.compactMap { method in
      path.operations[method].map { (method.lowercased(), value(of: $0, method, path.pattern)) }
    }
    return .map(ValueMap(operations))
  }

  private func value(of operation: Operation, _ method: String, _ path: PathPattern) -> Value {
    let description = operation.description
    let id = operation.isOneOfSeveral ? "\(description.id)-\(method.lowercased())" : description.id
    var value = ValueMap([("operationId", .string(id))])
    value["description"] = description.description().map(Value.string)
    let parameters = path.parameters + description.query
    if !parameters.isEmpty { value["parameters"] = .list(parameters) }
    if ["POST", "PUT", "PATCH"].contains(method) {
      let types = description.consumes.isEmpty ? ["*/*"] : description.consumes
      value["requestBody"] = Self.object(("content", Self.content(types, description.requestSchema)))
    }
    if !description.security.isEmpty {
      let logins = description.security.map { Value.map(ValueMap([($0.name, .list([]))])) }
      value["security"] = .list(logins + (description.isLoginOptional ? [.map(ValueMap())] : []))
    }
    value["responses"] = responses(description)
    return .map(value)
  }

  private func responses(_ description: OperationDescription) -> Value {
    var success = ValueMap([("description", .string("What was made of the request"))])
    if !description.produces.isEmpty {
      success["content"] = Self.content(description.produces, description.responseSchema)
    }
    return Self.object(
      ("2XX", .map(success)), ("default", Self.object(("$ref", .string("#/components/responses/Problem")))))
  }

  /// Content of these types that follows `schema`; any where it is nil.
  private static func content(_ types: [String], _ schema: Value?) -> Value {
    let content = schema.map { object(("schema", $0)) } ?? .map(ValueMap())
    return .map(ValueMap(types.map { ($0, content) }))
  }

  private var securitySchemes: ValueMap {
    let all = paths.flatMap { path in Self.methods.compactMap { path.operations[$0] } }.flatMap(\.description.security)
    let unique = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    return ValueMap(unique.sorted { $0.key < $1.key }.map { ($0.key, $0.value.scheme) })
  }

  private static let problemSchema: Value = {
    let text = object(("type", .string("string")))
    let reference = object(("type", .string("string")), ("format", .string("uri-reference")))
    let error = object(
      ("type", .string("object")),
      ("properties", object(("detail", text), ("pointer", text), ("place", text))))
    let properties = object(
      ("type", reference), ("title", text), ("status", object(("type", .string("integer")))), ("detail", text),
      ("instance", reference), ("errors", object(("type", .string("array")), ("items", error))))
    return object(("type", .string("object")), ("properties", properties))
  }()

  private static func object(_ members: (String, Value)...) -> Value { .map(ValueMap(members)) }
}

extension OperationDescription.Security {
  /// What the scheme is called in the document.
  fileprivate var name: String {
    switch self {
    case .basic: "basic"
    case .bearer: "bearer"
    case .header(let name): "header-\(Self.named(name))"
    case .query(let name): "query-\(Self.named(name))"
    }
  }

  fileprivate var scheme: Value {
    let members =
      switch self {
      case .basic: [("type", "http"), ("scheme", "basic")]
      case .bearer: [("type", "http"), ("scheme", "bearer")]
      case .header(let name): [("type", "apiKey"), ("in", "header"), ("name", name)]
      case .query(let name): [("type", "apiKey"), ("in", "query"), ("name", name)]
      }
    return .map(ValueMap(members.map { ($0.0, .string($0.1)) }))
  }

  /// The name with no other characters than names of components may have.
  private static func named(_ name: String) -> String {
    String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "." ? $0 : "-" })
  }
}

extension PathPattern {
  /// The path as OpenAPI writes it, which knows no capture of all that is left.
  fileprivate var template: String { description.replacing("...}", with: "}") }

  /// Whether it matches the same paths, whatever its captures are called.
  fileprivate func hasSamePaths(as other: PathPattern) -> Bool {
    segments.count == other.segments.count
      && zip(segments, other.segments).allSatisfy { pair in
        switch pair {
        case (.literal(let a), .literal(let b)): a == b
        case (.capture, .capture), (.rest, .rest), (.capture, .rest), (.rest, .capture): true
        default: false
        }
      }
  }

  fileprivate var parameters: [Value] {
    segments.compactMap { segment in
      switch segment {
      case .literal: nil
      case .capture(let name): Self.parameter(name)
      case .rest(let name): Self.parameter(name, "All that is left of the path, slashes included")
      }
    }
  }

  private static func parameter(_ name: String, _ description: String? = nil) -> Value {
    var value = ValueMap([
      ("name", .string(name)), ("in", .string("path")), ("required", .bool(true)),
      ("schema", .map(ValueMap([("type", .string("string"))]))),
    ])
    value["description"] = description.map(Value.string)
    return .map(value)
  }
}
