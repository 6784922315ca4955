internal import Omnibus

/// An object that is worked on: what the list and the answer with it say.
struct FoundObject: Sendable {
  var summary: ObjectSummary
  /// Its version, where the bucket keeps those.
  var version: String?
  var hasTags = false
  /// What a copy in parts must be told, as it would not keep it.
  var keptHeaders = Headers()

  init(_ summary: ObjectSummary) { self.summary = summary }

  /// What the answer with an object says of it.
  init(_ summary: ObjectSummary, _ headers: Headers) {
    self.summary = summary
    if let tag = headers["etag"] { self.summary.etag = tag }
    version = headers["x-amz-version-id"].flatMap { $0 == "null" ? nil : $0 }
    hasTags = headers["x-amz-tagging-count"].flatMap { Int($0) } ?? 0 > 0
    for (name, value) in headers {
      let name = name.lowercased()
      if Self.kept.contains(name) || name.hasPrefix("x-amz-meta-") { keptHeaders.append(name, value) }
    }
  }

  private static let kept: Set<String> = [
    "cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires",
    "x-amz-storage-class",
  ]
}
