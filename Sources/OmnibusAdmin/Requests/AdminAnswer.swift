internal import Omnibus
internal import OmnibusHTTP

/// What an endpoint answers.
struct AdminAnswer: Sendable {
  var status = 200
  var headers = Headers()
  var body: Body
  /// What came of it, for the log; nil where the status says enough.
  var outcome: String?

  /// A JSON document.
  init(_ value: Value, status: Int = 200, outcome: String? = nil) {
    self.status = status
    self.outcome = outcome
    headers.append("content-type", "application/json")
    body = .document(JSONDocument(value))
  }

  /// A JSON object.
  init(_ members: [(String, Value)], status: Int = 200, outcome: String? = nil) {
    self.init(.map(ValueMap(members)), status: status, outcome: outcome)
  }

  /// Bytes that no browser takes for a page, whatever is in them.
  init(bytes: [UInt8]) {
    headers.append("content-type", "application/octet-stream")
    headers.append("content-disposition", "attachment")
    body = .bytes(bytes)
  }

  var response: HTTPResponse { HTTPResponse(status: status, headers: headers, body: body) }
}
