internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusXML

/// Copies an object within its bucket, as long as it is the one that was found.
struct ObjectCopy: Sendable {
  /// What can be copied at once; more is copied in parts: 5 GiB.
  static let single = 5 << 30
  /// The size of such parts.
  static let part = 512 << 20

  let bucket: S3Bucket
  let object: FoundObject
  let context: Context
  /// As `single` and `part`, in tests less.
  var limits = (single: single, part: part)

  /// Copies it to `key`, in the place of an object that is there.
  func run(to key: String) async throws(Failure) {
    guard object.summary.size > limits.single else {
      var request = S3Request("PUT", key)
      setOrigin(&request)
      _ = try await bucket.send(request, context).root("CopyObjectResult")
      return
    }
    try await copyParts(to: key)
  }

  private func setOrigin(_ request: inout S3Request) {
    let version = object.version.map { "?versionId=\(PercentEncoding.encode($0))" } ?? ""
    request.headers["x-amz-copy-source"] = "/\(bucket.name)/\(ObjectKey.encoded(object.summary.key))\(version)"
    if !object.summary.etag.isEmpty { request.headers["x-amz-copy-source-if-match"] = object.summary.etag }
  }

  private func copyParts(to key: String) async throws(Failure) {
    var headers = object.keptHeaders
    if object.hasTags {
      let tags = try await ObjectTags.fetch(object.summary.key, version: object.version, bucket, context)
      headers["x-amz-tagging"] = tags.field
    }
    let upload = try await MultipartUpload.begin(key, headers, bucket, context)
    do throws(Failure) {
      var parts: [SentPart] = []
      for start in stride(from: 0, to: object.summary.size, by: limits.part) {
        var request = S3Request(
          "PUT", key, query: [("partNumber", "\(parts.count + 1)"), ("uploadId", upload.id)])
        setOrigin(&request)
        let end = min(start + limits.part, object.summary.size) - 1
        request.headers["x-amz-copy-source-range"] = "bytes=\(start)-\(end)"
        let root = try await upload.retrying { () throws(Failure) in
          try await bucket.send(request, context).root("CopyPartResult")
        }
        guard let etag = root["ETag"]?.text else { throw Failure(.unavailable, "s3 answered a copy without its tag") }
        parts.append(SentPart(number: parts.count + 1, etag: etag, size: end + 1 - start))
      }
      try await upload.complete(parts, Headers())
    } catch {
      await upload.abort(after: error)
      throw error
    }
  }
}
