internal import Omnibus
internal import OmnibusHTTP

/// A key that a sender brings in a header or in a parameter of the query.
struct APIKey: Options {
  /// Where the key stands.
  enum Place: Sendable {
    case header(String)
    case query(String)
  }

  @Option(help: "the header that holds the key", default: "none", check: { $0.flatMap(HeaderName.problem) })
  var header: String? = nil

  @Option(
    help: "the parameter of the query that holds the key, where the other side takes no header: addresses end in logs",
    default: "none", check: { $0?.isEmpty == true ? "must not be empty" : nil })
  var query: String? = nil

  @Option(
    help: "the key",
    check: {
      let isKey = !$0.reveal.isEmpty && $0.reveal.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
      return isKey ? nil : "is letters, digits and signs without spaces or line breaks"
    })
  var key: Secret

  /// Where the key stands.
  var place: Place { header.map(Place.header) ?? .query(query ?? "") }

  func validate(_ node: Node, in scope: LoadScope) {
    guard (header == nil) == (query == nil) else { return }
    scope.report(
      header == nil ? "missing-option" : "conflicting-options", at: node.location,
      "\(scope.subject) takes one of header and query", help: "write { header: x-api-key, key: \"${env:NAME}\" }")
  }
}
