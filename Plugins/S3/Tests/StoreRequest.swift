import Omnibus
import OmnibusHTTP
import OmnibusTesting

/// A request that came to an `ObjectStore`.
struct StoreRequest: Sendable {
  var method: String
  /// The target as it was sent.
  var target: String
  var bucket: String
  var key: String
  var query: [String: String] = [:]
  var headers: [String: String] = [:]
  var content = TestHTTPConnection.Content()

  /// Reads the head of a request in path style.
  init(_ request: TestHTTPConnection.Request) {
    method = request.method
    target = request.target
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts[0].dropFirst()
    let slash = path.firstIndex(of: "/") ?? path.endIndex
    bucket = String(path[..<slash])
    key = Self.decoded(slash < path.endIndex ? path[path.index(after: slash)...] : "")
    for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      query[Self.decoded(sides[0])] = sides.count > 1 ? Self.decoded(sides[1]) : ""
    }
    for (name, value) in request.headers { headers[name.lowercased()] = value }
  }

  /// What it does, in a word: `list`, `get`, `put`, `begin`, `part`, `complete`, `abort`, `copy`, `delete`, `tags`, `tag`.
  var action: String {
    let isUpload = query["uploadId"] != nil
    return switch (method, query["tagging"] != nil) {
    case ("GET", true): "tags"
    case ("PUT", true): "tag"
    case ("GET", _) where query["attributes"] != nil: "attributes"
    case ("GET", _) where key.isEmpty: "list"
    case ("GET", _): "get"
    case ("HEAD", _): "head"
    case ("POST", _): isUpload ? "complete" : "begin"
    case ("PUT", _) where isUpload: headers["x-amz-copy-source"] == nil ? "part" : "copy part"
    case ("PUT", _): headers["x-amz-copy-source"] == nil ? "put" : "copy"
    case ("DELETE", _): isUpload ? "abort" : "delete"
    default: method
    }
  }

  static func decoded(_ text: Substring) -> String {
    PercentEncoding.decode(text.utf8).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
