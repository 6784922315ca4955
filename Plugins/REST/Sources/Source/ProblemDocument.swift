internal import Omnibus
internal import OmnibusHTTP

/// An answer that says what went wrong: problem details for HTTP (RFC 9457). It holds no value of the message.
struct ProblemDocument {
  var status: Int
  /// The last part of `type`.
  var name: String
  var title: String
  var detail: String?
  var problems: [Failure.Problem] = []
  var message: MessageID?
  var headers = Headers()

  /// The answer for a message that failed, as the design's table says.
  init(_ failure: Failure, _ message: MessageID) {
    name = failure.kind.rawValue
    detail = failure.reason
    problems = failure.problems
    self.message = message
    (status, title) =
      switch failure.kind {
      case .invalid: (400, "The message is not valid")
      case .rejected: (422, "The message was refused")
      case .unauthorized: (502, "The next system refused the credentials of the bus")
      case .overloaded: (429, "Too many messages")
      case .unavailable, .cancelled: (503, "A system that is needed is not available")
      case .timeout: (504, "It took too long")
      case .outcomeUnknown: (504, "The outcome is not known")
      case .internal: (500, "Internal error")
      }
    if let pause = failure.retryAfter {
      headers.append(
        "retry-after", "\(max(1, (pause.components.seconds) + (pause.components.attoseconds > 0 ? 1 : 0)))")
    }
  }

  /// The answer for a request that did not become a message.
  init(_ status: Int, _ name: String, _ title: String, detail: String? = nil, headers: Headers = Headers()) {
    self.status = status
    self.name = name
    self.title = title
    self.detail = detail
    self.headers = headers
  }

  /// The answer.
  var response: HTTPResponse {
    var members = ValueMap([
      ("type", .string("urn:omnibus:problem:\(name)")), ("title", .string(title)), ("status", .int(Int64(status))),
    ])
    members["detail"] = detail.map(Value.string)
    members["instance"] = message.map { .string("urn:uuid:\($0)") }
    if !problems.isEmpty { members["errors"] = .list(problems.map(Self.value)) }
    var headers = headers
    headers.append("content-type", "application/problem+json")
    // Strings and numbers can always be written.
    let body = (try? Value.map(members).jsonBytes()) ?? []
    return HTTPResponse(status: status, headers: headers, body: .bytes(body))
  }

  /// A problem with its place: a JSON pointer as the fragment that it is in RFC 9457, any other place by its own name.
  private static func value(_ problem: Failure.Problem) -> Value {
    var members = ValueMap([("detail", .string(problem.detail))])
    if let place = problem.place {
      if place.hasPrefix("/") { members["pointer"] = .string("#\(place)") } else { members["place"] = .string(place) }
    }
    return .map(members)
  }
}
