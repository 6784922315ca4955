internal import Omnibus
internal import OmnibusAWS
internal import OmnibusExpression

/// Writes the body into an object, and returns when the store has it. The message goes on as it was.
struct S3Destination: Step {
  private let options: S3DestinationOptions
  private let bucket: S3Bucket

  init(_ options: S3DestinationOptions, _ context: Context) throws(OptionProblem) {
    self.options = options
    bucket = try S3Bucket(
      options.bucket, options.aws, isPath: options.pathStyle, timeout: options.timeout, context)
  }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    let key = try options.key.evaluate(&message, context)
    if let problem = ObjectKey.problem(key) { throw Failure(.invalid, "no object has the key: \(problem)") }
    let fields = try ObjectFields(options, &message, context)
    var parts = try BodyParts(message, size: options.partSize.bytes)
    let checks = PartChecks(kind: options.checksum, signsPayload: bucket.signsPayload, blocking: context.blocking)
    let first = try await parts.next()
    if parts.isAtEnd {
      try await put(checks.checked(first), key, fields, context)
    } else {
      try await upload(first, &parts, checks, key, fields, context)
    }
    return .next
  }

  private func put(_ part: BodyPart, _ key: String, _ fields: ObjectFields, _ context: Context) async throws(Failure) {
    var request = S3Request("PUT", key)
    request.headers = fields.object
    for (name, value) in fields.conditions { request.headers.append(name, value) }
    part.checksum?.write(to: &request.headers)
    request.content = part.bytes
    request.digest = part.digest
    _ = try await bucket.send(request, context)
  }

  private func upload(
    _ first: BodyPart, _ parts: inout BodyParts, _ checks: PartChecks, _ key: String, _ fields: ObjectFields,
    _ context: Context
  ) async throws {
    var headers = fields.object
    if let algorithm = options.checksum.algorithm { headers.append("x-amz-checksum-algorithm", algorithm) }
    if options.checksum.coversWhole { headers.append("x-amz-checksum-type", "FULL_OBJECT") }
    let upload = try await MultipartUpload.begin(key, headers, bucket, context)
    do {
      let sent = try await send(first, &parts, checks, upload)
      var headers = fields.conditions
      if let checksum = options.checksum.whole(of: sent) {
        headers.append(checksum.field, checksum.value)
        headers.append("x-amz-checksum-type", "FULL_OBJECT")
      }
      try await upload.complete(sent, headers)
    } catch {
      await upload.abort(after: Failure(error))
      throw error
    }
  }

  /// Sends the parts while the body is read, so many at once as the route allows: of each the checksums are worked out while
  /// others are sent. It ends, also where one of them fails, when none is under way any more.
  private func send(
    _ first: BodyPart, _ parts: inout BodyParts, _ checks: PartChecks, _ upload: MultipartUpload
  ) async throws -> [SentPart] {
    try await withThrowingTaskGroup(of: SentPart.self) { group in
      var sent: [SentPart] = []
      var underWay = 0
      var part = first
      while true {
        if underWay == options.partsInFlight, let ended = try await group.next() {
          sent.append(ended)
          underWay -= 1
        }
        group.addTask { [part] in try await upload.send(checks.checked(part)) }
        underWay += 1
        if parts.isAtEnd { break }
        part = try await parts.next()
      }
      for try await ended in group { sent.append(ended) }
      return sent.sorted { $0.number < $1.number }
    }
  }
}
