internal import Omnibus
internal import OmnibusHTTP

/// A request that was let in, as its endpoint declares it.
struct AdminRequest: Sendable {
  /// The longest name of a route, a breaker or a letter in a path, in bytes.
  private static let maxName = 512

  let caller: AdminCaller
  /// What the path names, which is then the target of the action; empty where it names nothing.
  let target: String
  let query: AdminArguments
  let body: AdminArguments

  /// Reads `request` by the fields that `endpoint` declares.
  init(_ request: HTTPRequest, _ endpoint: AdminEndpoint, by caller: AdminCaller) throws(AdminProblem) {
    self.caller = caller
    target = try Self.target(request)
    query = try AdminArguments(query: request.query, endpoint.query)
    var bytes: [UInt8] = []
    if case .bytes(let all) = request.body { bytes = all }
    body = try AdminArguments(body: bytes, endpoint.body)
  }

  /// The one name in the path. It is decoded once, and must be text without control characters.
  private static func target(_ request: HTTPRequest) throws(AdminProblem) -> String {
    guard let capture = request.captures.first?.value else { return "" }
    let isText = capture.unicodeScalars.allSatisfy { $0.value > 0x1F && $0.value != 0x7F && $0 != "\u{FFFD}" }
    guard isText, capture.utf8.count <= maxName else {
      throw .invalid("a name in the path is not UTF-8, has control characters, or is longer than \(maxName) bytes")
    }
    return capture
  }
}
