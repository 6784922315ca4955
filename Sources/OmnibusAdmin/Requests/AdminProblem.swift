internal import Omnibus
internal import OmnibusEngine
internal import OmnibusHTTP

/// An answer that says what went wrong: problem details for HTTP (RFC 9457).
struct AdminProblem: Error {
  /// The most single problems that are listed.
  private static let maxErrors = 100

  var status: Int
  /// The last part of `type`.
  var name: String
  var title: String
  var detail: String?
  var errors: [Value] = []
  var headers = Headers()

  init(_ status: Int, _ name: String, _ title: String, detail: String? = nil, headers: Headers = Headers()) {
    self.status = status
    self.name = name
    self.title = title
    self.detail = detail
    self.headers = headers
  }

  /// What is asked for is not there.
  static func unknown(_ what: String) -> AdminProblem {
    AdminProblem(404, "not_found", "There is no such \(what)")
  }

  /// Who asks may not do that.
  static func lacking(_ right: AdminRight) -> AdminProblem {
    AdminProblem(403, "forbidden", "That is not allowed", detail: "it needs the right \(right.rawValue)")
  }

  /// The request says something that cannot be meant.
  static func invalid(_ detail: String) -> AdminProblem {
    AdminProblem(400, "invalid", "The request is not valid", detail: detail)
  }

  /// What an operation failed with.
  init(_ error: any Error) {
    switch error {
    case let problem as AdminProblem: self = problem
    case let diagnostics as Diagnostics: self.init(diagnostics)
    default: self.init(Failure(error))
    }
  }

  private init(_ failure: Failure) {
    let (status, title) =
      switch failure.kind {
      case .invalid: (400, "The request is not valid")
      case .rejected: (409, "That cannot be done as things stand")
      case .unauthorized: (502, "The next system refused the credentials of the bus")
      case .overloaded: (429, "Too much at once")
      case .unavailable, .cancelled: (503, "Something that is needed is not available")
      case .timeout, .outcomeUnknown: (504, "It took too long")
      case .internal: (500, "Internal error")
      }
    self.init(status, failure.kind.rawValue, title, detail: failure.reason)
  }

  private init(_ diagnostics: Diagnostics) {
    let count = diagnostics.all.count
    self.init(
      422, "invalid_routes", "The routes have mistakes, nothing was changed",
      detail: count == 1 ? "1 problem" : "\(count) problems")
    errors = diagnostics.all.prefix(Self.maxErrors).map { problem in
      var members = ValueMap([
        ("detail", .string(problem.message)), ("place", .string("\(problem.location)")),
        ("code", .string(problem.code)),
      ])
      members["help"] = problem.help.map(Value.string)
      return .map(members)
    }
  }

  /// The answer.
  var response: HTTPResponse {
    var members = ValueMap([
      ("type", .string("urn:omnibus:problem:\(name)")), ("title", .string(title)), ("status", .int(Int64(status))),
    ])
    members["detail"] = detail.map(Value.string)
    if !errors.isEmpty { members["errors"] = .list(errors) }
    var headers = headers
    headers.append("content-type", "application/problem+json")
    // Strings and numbers can always be written.
    let body = (try? Value.map(members).jsonBytes()) ?? []
    return HTTPResponse(status: status, headers: headers, body: .bytes(body))
  }
}
