internal import Logging
internal import Omnibus
internal import OmnibusAWS
internal import OmnibusHTTP
internal import OmnibusXML

/// An upload in parts, of which nothing is seen until it is completed (Amazon S3 User Guide, "Uploading and copying
/// objects using multipart upload").
struct MultipartUpload: Sendable {
  /// How often a part is tried: a route cannot send a stream again.
  private static let attempts = 4
  private static let backoff = Backoff(
    initial: .milliseconds(200), growth: .exponential(factor: 4), max: .seconds(20), jitter: .equal)
  /// How long giving an upload up may take.
  private static let abortTimeout = Duration.seconds(10)

  let id: String
  let key: String
  private let bucket: S3Bucket
  private let context: Context

  /// Begins an upload of an object that will have these fields.
  static func begin(
    _ key: String, _ headers: Headers, _ bucket: S3Bucket, _ context: Context
  ) async throws(Failure) -> MultipartUpload {
    var request = S3Request("POST", key, query: [("uploads", "")])
    request.headers = headers
    let response: HTTPClientResponse
    do throws(Failure) { response = try await bucket.send(request, context) } catch {
      // What may have begun shows nowhere: nothing has taken effect.
      guard error.kind == .outcomeUnknown else { throw error }
      throw Failure(.unavailable, error.reason, cause: error.cause)
    }
    guard let id = try response.root("InitiateMultipartUploadResult")["UploadId"]?.text, !id.isEmpty else {
      throw Failure(.unavailable, "s3 answered an upload without its id")
    }
    return MultipartUpload(id: id, key: key, bucket: bucket, context: context)
  }

  /// Sends a part, of which there may be several at once.
  func send(_ part: BodyPart) async throws(Failure) -> SentPart {
    var request = S3Request("PUT", key, query: [("partNumber", "\(part.number)"), ("uploadId", id)])
    request.content = part.bytes
    request.digest = part.digest
    part.checksum?.write(to: &request.headers)
    let response = try await retrying { () throws(Failure) in try await bucket.send(request, context) }
    guard let etag = response.headers["etag"] else { throw Failure(.unavailable, "s3 answered a part without its tag") }
    return SentPart(
      number: part.number, etag: etag, size: part.bytes.count, check: part.check, checksum: part.checksum)
  }

  /// Makes the object of the parts; `headers` are conditions, and a checksum of the whole. Whether it is there when no
  /// answer comes is not known: then it is asked again, and what was completed before answers the same for a while.
  func complete(_ parts: [SentPart], _ headers: Headers) async throws(Failure) {
    var request = S3Request("POST", key, query: [("uploadId", id)])
    request.headers = headers
    request.headers["content-type"] = "application/xml"
    request.content = Self.list(parts)
    var isUnknown = false
    do throws(Failure) {
      try await retrying { () throws(Failure) in
        do throws(Failure) {
          _ = try await bucket.send(request, context).root("CompleteMultipartUploadResult", else: .outcomeUnknown)
        } catch {
          if error.kind == .outcomeUnknown { isUnknown = true }
          throw error
        }
      }
    } catch {
      // An upload that is gone, or an object that is there, may be what an attempt without an answer has made.
      guard isUnknown, error.answered != nil, !error.isTransient else { throw error }
      throw Failure(.outcomeUnknown, "s3 gave no answer, and then \(error.reason)", cause: error.cause)
    }
  }

  /// Gives the upload up, so that its parts do not stay: before the failure is told, or beside it where the task was
  /// cancelled, which nobody may hold up.
  func abort(after failure: Failure) async {
    let request = S3Request("DELETE", key, query: [("uploadId", id)])
    let work = Task { [bucket, context] in
      do throws(Failure) {
        _ = try await bucket.send(request, timeout: Self.abortTimeout, context)
      } catch {
        guard error.answered?.status != 404 else { return }
        context.logger.warning(
          "an upload could not be given up, its parts stay in the bucket", metadata: ["reason": "\(error.reason)"])
      }
    }
    if failure.kind != .cancelled, !Task.isCancelled { await work.value }
  }

  /// Tries again what may succeed then.
  func retrying<Result>(_ body: () async throws(Failure) -> Result) async throws(Failure) -> Result {
    var attempt = 1
    while true {
      do throws(Failure) { return try await body() } catch {
        guard attempt < Self.attempts, error.isTransient, !Task.isCancelled else { throw error }
        let own = Self.backoff.delay(after: attempt, chance: .random(in: 0..<1))
        let wait = min(max(own, error.retryAfter ?? .zero), Self.backoff.max)
        do { try await context.clock.sleep(for: wait) } catch { throw Failure(error) }
        attempt += 1
      }
    }
  }

  private static func list(_ parts: [SentPart]) -> [UInt8] {
    var writer = XMLWriter()
    writer.start("CompleteMultipartUpload", [("xmlns", "http://s3.amazonaws.com/doc/2006-03-01/")])
    for part in parts {
      writer.start("Part")
      writer.element("PartNumber", "\(part.number)")
      writer.element("ETag", part.etag)
      if let checksum = part.checksum { writer.element(checksum.element, checksum.value) }
      writer.end()
    }
    writer.end()
    return writer.bytes
  }
}
