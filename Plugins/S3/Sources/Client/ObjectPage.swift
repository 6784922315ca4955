internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor
internal import OmnibusXML

/// A page of a list of objects (Amazon S3 API Reference, "ListObjectsV2").
struct ObjectPage: Sendable {
  /// At most 1000 keys of 1024 bytes, of which each may be three, and what else is told of an object.
  private static let maxAnswer = 8 << 20
  /// What is read on a thread of its own, as it would hold the reactor for milliseconds.
  private static let large = 256 << 10

  var objects: [ObjectSummary]
  /// What the next page is asked for with; nil for the last one.
  var next: String?

  /// Asks for the page behind `token`, of the objects whose keys begin with `prefix`.
  static func fetch(
    _ bucket: S3Bucket, prefix: String, after token: String?, most: Int = 1000, _ context: Context
  ) async throws -> ObjectPage {
    // Keys can hold what XML cannot.
    var request = S3Request("GET", query: [("encoding-type", "url"), ("list-type", "2"), ("max-keys", "\(most)")])
    if !prefix.isEmpty { request.query.append(("prefix", prefix)) }
    if let token { request.query.append(("continuation-token", token)) }
    request.maxAnswer = maxAnswer
    let response = try await bucket.send(request, context)
    guard case .bytes(let bytes) = response.body, bytes.count > large else { return try ObjectPage(response) }
    return try await context.blocking.run { try ObjectPage(response) }
  }

  private init(_ response: HTTPClientResponse) throws(Failure) {
    let root = try response.root("ListBucketResult")
    let isEncoded = root["EncodingType"]?.text == "url"
    objects = []
    for entry in root.children("Contents") {
      guard let written = entry["Key"]?.text, let key = Self.decoded(written, isEncoded),
        let size = entry["Size"].flatMap({ Int($0.text) }), size >= 0
      else { throw Failure(.unavailable, "s3 answered a list with an object that has no key or no size") }
      objects.append(ObjectSummary(key: key, etag: entry["ETag"]?.text ?? "", size: size))
    }
    guard root["IsTruncated"]?.text == "true" else { return }
    guard let token = root["NextContinuationToken"]?.text, !token.isEmpty else {
      throw Failure(.unavailable, "s3 answered a list that goes on, and not how")
    }
    next = token
  }

  /// A plus sign stands for a space, as in forms.
  private static func decoded(_ key: String, _ isEncoded: Bool) -> String? {
    guard isEncoded else { return key }
    return PercentEncoding.decode(key.utf8, isForm: true).flatMap { String(validating: $0, as: UTF8.self) }
  }
}
