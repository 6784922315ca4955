internal import Omnibus
internal import OmnibusCrypto
internal import OmnibusHTTP
internal import OmnibusXML

/// Tags of an object, of which there are ten at the most.
struct ObjectTags: Sendable, Equatable {
  struct Tag: Sendable, Equatable {
    var name: String
    var value: String
  }

  var tags: [Tag]

  /// Whether all of `others` are among them.
  func contains(_ others: ObjectTags) -> Bool { others.tags.allSatisfy(tags.contains) }

  /// These, with those of `others` in the place of those of the same names.
  func merged(with others: ObjectTags) -> ObjectTags {
    ObjectTags(tags: tags.filter { tag in !others.tags.contains { $0.name == tag.name } } + others.tags)
  }

  /// As the field `x-amz-tagging` has them.
  var field: String {
    tags.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
  }

  /// Those of an object.
  static func fetch(_ key: String, version: String?, _ bucket: S3Bucket, _ context: Context) async throws(Failure)
    -> ObjectTags
  {
    let request = S3Request("GET", key, query: query(version))
    let root = try await bucket.send(request, context).root("Tagging")
    guard let set = root["TagSet"] else { throw Failure(.unavailable, "s3 answered tags without a set") }
    return ObjectTags(
      tags: set.children("Tag").map { Tag(name: $0["Key"]?.text ?? "", value: $0["Value"]?.text ?? "") })
  }

  /// Gives an object these and no others.
  func put(_ key: String, version: String?, _ bucket: S3Bucket, _ context: Context) async throws(Failure) {
    var writer = XMLWriter()
    writer.start("Tagging", [("xmlns", "http://s3.amazonaws.com/doc/2006-03-01/")])
    writer.start("TagSet")
    for tag in tags {
      writer.start("Tag")
      writer.element("Key", tag.name)
      writer.element("Value", tag.value)
      writer.end()
    }
    writer.end()
    writer.end()
    var request = S3Request("PUT", key, query: Self.query(version))
    request.content = writer.bytes
    request.headers["content-type"] = "application/xml"
    let digest = RunningDigest(.md5)
    writer.bytes.withUnsafeBytes { digest.update($0) }
    request.headers["content-md5"] = Base64.encode(digest.finish())
    _ = try await bucket.send(request, context)
  }

  private static func query(_ version: String?) -> [(name: String, value: String)] {
    [("tagging", "")] + (version.map { [("versionId", $0)] } ?? [])
  }
}
