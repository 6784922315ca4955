/// Media types by the extension of a file's name (IANA, "Media Types").
public enum FileContentTypes {
  /// The type for a name or path; nil for an extension that is not known.
  public static func type(for name: String) -> String? {
    guard let dot = name.lastIndex(of: ".") else { return nil }
    return types[name[name.index(after: dot)...].lowercased()]
  }

  private static let types = [
    "csv": "text/csv", "hl7": "x-application/hl7-v2+er7", "html": "text/html", "json": "application/json",
    "ndjson": "application/x-ndjson", "pdf": "application/pdf", "tsv": "text/tab-separated-values",
    "txt": "text/plain", "xml": "application/xml", "yaml": "application/yaml", "yml": "application/yaml",
    "zip": "application/zip",
  ]
}
