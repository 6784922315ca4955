internal import Omnibus
internal import OmnibusHTTP

/// Makes a message of an object that was answered.
enum ObjectMessage {
  /// The type that S3 gives to what came without one.
  private static let unsaid = "binary/octet-stream"
  private static let metadata = "x-amz-meta-"

  static func make(_ bucket: S3Bucket, _ object: FoundObject, _ answer: Headers, wallTime: Double) -> Message {
    let key = object.summary.key
    let name = ObjectKey.fileName(key)
    var message = Message()
    message.headers.append("file-name", name)
    let type = answer["content-type"].flatMap { $0 == unsaid ? nil : $0 }
    message.headers.append(
      "content-type", type ?? FileContentTypes.type(for: name) ?? "application/octet-stream")
    if let coding = answer["content-encoding"], !coding.isEmpty { message.headers.append("content-encoding", coding) }
    let etag = object.summary.etag.filter { $0 != "\"" }
    message.headers.append("s3-bucket", bucket.name)
    message.headers.append("s3-key", key)
    message.headers.append("s3-size", "\(object.summary.size)")
    message.headers.append("s3-etag", etag)
    if let version = object.version { message.headers.append("s3-version", version) }
    var known = ValueMap()
    for (name, value) in answer {
      let name = name.lowercased()
      guard name.hasPrefix(metadata) else { continue }
      message.headers.append(name, value)
      known[String(name.dropFirst(metadata.count))] = .string(value)
    }
    var properties = ValueMap([
      ("bucket", .string(bucket.name)), ("key", .string(key)), ("name", .string(name)),
      ("size", .int(Int64(object.summary.size))), ("etag", .string(etag)), ("metadata", .map(known)),
    ])
    if let version = object.version { properties["version"] = .string(version) }
    if let seconds = answer["last-modified"].flatMap({ HTTPTimestamp.seconds($0, now: wallTime) }) {
      properties["modified"] = .timestamp(Timestamp(seconds: Int64(seconds), nanoseconds: 0))
    }
    message.properties["s3"] = .map(properties)
    return message
  }
}
