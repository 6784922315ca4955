public import Omnibus

/// How the content of a message is coded (RFC 9110, 8.4), as far as it is known here.
public enum ContentCoding: Sendable {
  /// As it is.
  case identity
  case gzip

  /// The names of the codings that are taken, for `accept-encoding`.
  public static let accepted = "gzip"

  /// The coding that the fields `content-encoding` name; nil for another one, and for several over one another.
  public init?(_ headers: Headers) {
    guard headers.contains("content-encoding") else {
      self = .identity
      return
    }
    let names = FieldElement.list("content-encoding", in: headers).map { $0.value.lowercased() }
      .filter { $0 != "identity" }
    switch names {
    case []: self = .identity
    case ["gzip"], ["x-gzip"]: self = .gzip
    default: return nil
    }
  }

  /// Whether one who sent the fields `accept-encoding` in `headers` rather has gzip than the content as it is
  /// (RFC 9110, 12.5.3).
  public static func prefersGzip(_ headers: Headers) -> Bool {
    guard headers.contains("accept-encoding") else { return false }
    var weights: [String: Int] = [:]
    for element in FieldElement.list("accept-encoding", in: headers) {
      let name = element.value.lowercased()
      weights[name == "x-gzip" ? "gzip" : name] = element.weight ?? 0
    }
    let gzip = weights["gzip"] ?? weights["*"] ?? 0
    return gzip > 0 && gzip >= weights["identity"] ?? 0
  }

  /// Whether content of the media type in `contentType` gets smaller by compressing: text, and what is written as text.
  public static func isCompressible(_ contentType: String) -> Bool {
    guard let type = FieldElement(contentType)?.value.lowercased() else { return false }
    if type.hasPrefix("text/") || type.hasSuffix("+json") || type.hasSuffix("+xml") || type.hasSuffix("+yaml") {
      return true
    }
    return textual.contains(type)
  }

  private static let textual: Set = [
    "application/fhir+ndjson", "application/graphql", "application/javascript", "application/json",
    "application/json-seq", "application/ndjson", "application/sql", "application/x-ndjson",
    "application/x-www-form-urlencoded", "application/xml", "application/yaml", "image/svg+xml",
    "x-application/hl7-v2+er7",
  ]
}
