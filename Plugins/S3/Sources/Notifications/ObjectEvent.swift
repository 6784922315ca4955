internal import Omnibus
internal import OmnibusHTTP

/// What an event says of an object that was made.
struct ObjectEvent: Sendable, Equatable {
  var bucket: String
  var key: String
  /// The entity tag without quotes; nil where the event does not say.
  var etag: String?
  var size: Int?

  /// How deep events may lie in those of others: SNS in SQS.
  private static let deepest = 2

  /// The objects that the body of a message of a queue tells of: an event of S3 itself, one that SNS has wrapped up, or one
  /// of EventBridge. Events of other kinds tell of none; nil for what is no event of S3.
  static func all(in body: String, depth: Int = 0) -> [ObjectEvent]? {
    guard depth < deepest, let root = try? JSONText.parse(Array(body.utf8), limits: JSONLimits(depth: 32)).root else {
      return nil
    }
    if root.member("Type")?.string == "Notification", let inner = root.member("Message")?.string {
      return all(in: inner, depth: depth + 1)
    }
    if root.member("Event")?.string == "s3:TestEvent" { return [] }
    if root.member("source")?.string == "aws.s3" {
      guard root.member("detail-type")?.string == "Object Created" else { return [] }
      return root.member("detail").flatMap { ObjectEvent($0, isEncoded: false) }.map { [$0] }
    }
    guard let records = root.member("Records"), records.kind == .array else { return nil }
    var events: [ObjectEvent] = []
    var isWhole = true
    records.forEachElement { record in
      guard let name = record.member("eventName")?.string, let about = record.member("s3") else {
        isWhole = false
        return
      }
      guard name.hasPrefix("ObjectCreated:") || name.hasPrefix("s3:ObjectCreated:") else { return }
      if let event = ObjectEvent(about, isEncoded: true) { events.append(event) } else { isWhole = false }
    }
    return isWhole ? events : nil
  }

  private init?(_ about: JSONNode, isEncoded: Bool) {
    guard let bucket = about.member("bucket")?.member("name")?.string, let object = about.member("object"),
      let written = object.member("key")?.string
    else { return nil }
    self.bucket = bucket
    if isEncoded {
      guard let bytes = PercentEncoding.decode(written.utf8, isForm: true),
        let key = String(validating: bytes, as: UTF8.self)
      else { return nil }
      self.key = key
    } else {
      key = written
    }
    etag = (object.member("eTag") ?? object.member("etag"))?.string.flatMap { $0.isEmpty ? nil : $0 }
    size = object.member("size").flatMap { Value.json($0).int }
  }
}
