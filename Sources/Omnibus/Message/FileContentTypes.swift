/// Media types by the extension of a file's name (IANA, "Media Types").
enum ContentTypes {
  /// The type for the name; `application/octet-stream` for one that is not known.
  static func type(for name: String) -> String {
    guard let dot = name.lastIndex(of: ".") else { return unknown }
    return types[name[name.index(after: dot)...].lowercased()] ?? unknown
  }

  private static let unknown = "application/octet-stream"
  private static let types = [
    "csv": "text/csv", "hl7": "x-application/hl7-v2+er7", "html": "text/html", "json": "application/json",
    "ndjson": "application/x-ndjson", "pdf": "application/pdf", "tsv": "text/tab-separated-values",
    "txt": "text/plain", "xml": "application/xml", "yaml": "application/yaml", "yml": "application/yaml",
    "zip": "application/zip",
  ]
}
