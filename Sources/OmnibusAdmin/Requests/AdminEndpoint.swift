internal import Omnibus
internal import OmnibusEngine
internal import OmnibusHTTP

/// One operation of the admin API: where it is, who may use it, what it takes and what it answers. Requests are routed,
/// checked and described by it alone.
struct AdminEndpoint: Sendable {
  typealias Handler = @Sendable (AdminRequest) async throws -> AdminAnswer

  static let prefix = "/admin/v1"
  /// The largest body, unless an endpoint says another.
  static let maxBody = 64 << 10

  let method: String
  /// The path below `prefix`.
  let path: String
  /// Names it in the document and in the log.
  let id: String
  let help: String
  let right: AdminRight
  var query: [AdminField] = []
  var body: [AdminField] = []
  var maxBody = AdminEndpoint.maxBody
  var answer = AdminSchema.any
  var produces = "application/json"
  let handle: Handler

  init(
    _ method: String, _ path: String, _ id: String, _ help: String, _ right: AdminRight, query: [AdminField] = [],
    body: [AdminField] = [], maxBody: Int = AdminEndpoint.maxBody, answer: AdminSchema = .any,
    produces: String = "application/json", handle: @escaping Handler
  ) {
    self.method = method
    self.path = path
    self.id = id
    self.help = help
    self.right = right
    self.query = query
    self.body = body
    self.maxBody = method == "POST" ? maxBody : 0
    self.answer = answer
    self.produces = produces
    self.handle = handle
  }

  /// Whether it changes something.
  var isChange: Bool { method != "GET" }

  /// Whether each use of it is logged.
  var isAudited: Bool { isChange || right == .viewBody }

  /// Why a request with these fields is not taken from somebody who may use it.
  func refusal(_ headers: Headers, hasBody: Bool) -> AdminProblem? {
    // A page in a browser can send neither this type nor other methods elsewhere without being allowed to (Fetch
    // standard, "CORS-safelisted request-header").
    if method == "POST", !Self.isJSON(headers) {
      return AdminProblem(
        415, "unsupported_media_type", "The content type is not taken",
        detail: "expected application/json, also where there is no body", headers: ["accept": "application/json"])
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    guard length <= maxBody else {
      return AdminProblem(
        413, "too_large", "The body is too large", detail: "at most \(ByteSize(bytes: maxBody)) are taken")
    }
    return nil
  }

  /// What it says of itself.
  func description(isLoginOptional: Bool) -> OperationDescription {
    let text = "\(help) Needs the right `\(right.rawValue)`."
    var description = OperationDescription(
      id: id, description: { text }, consumes: method == "POST" ? ["application/json"] : [], produces: [produces],
      security: [.bearer])
    description.isLoginOptional = isLoginOptional
    description.query = query.map(\.parameter)
    description.requestSchema = AdminSchema.object(body).value
    description.responseSchema = produces == "application/json" ? answer.value : nil
    return description
  }

  private static func isJSON(_ headers: Headers) -> Bool {
    guard headers.values("content-type").count == 1, let type = headers["content-type"] else { return false }
    return FieldElement(type)?.value.lowercased() == "application/json"
  }
}
