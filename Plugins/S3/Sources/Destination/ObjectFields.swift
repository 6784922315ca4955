internal import Omnibus
internal import OmnibusExpression

/// The fields that an object is written with.
struct ObjectFields: Sendable {
  /// How much metadata an object can have, names and values counted.
  private static let mostMetadata = 2 << 10

  /// What the object has: type, metadata, tags, how it is kept.
  var object = Headers()
  /// On what it is written.
  var conditions = Headers()

  init(_ options: S3DestinationOptions, _ message: inout Message, _ context: Context) throws(Failure) {
    let type = try options.contentType?.evaluate(&message, context) ?? message.contentType
    if let type { object.append("content-type", try Self.sound(type, "the content type")) }
    var size = 0
    for (name, template) in options.metadata.entries {
      let value = try Self.sound(template.evaluate(&message, context), "the metadata \(name)")
      size += name.utf8.count + value.utf8.count
      object.append("x-amz-meta-\(name.lowercased())", value)
    }
    guard size <= Self.mostMetadata else {
      throw Failure(.invalid, "the object has \(size) bytes of metadata, expected at most \(Self.mostMetadata)")
    }
    var tags: [ObjectTags.Tag] = []
    for (name, template) in options.tags.entries {
      tags.append(.init(name: name, value: try template.evaluate(&message, context)))
    }
    if !tags.isEmpty { object.append("x-amz-tagging", ObjectTags(tags: tags).field) }
    if let encryption = options.encryption {
      object.append("x-amz-server-side-encryption", encryption.rawValue)
      if let key = options.kmsKey { object.append("x-amz-server-side-encryption-aws-kms-key-id", key) }
    }
    if let name = options.storageClass { object.append("x-amz-storage-class", name) }
    if let tag = options.ifNoneMatch { conditions.append("if-none-match", tag) }
    if let template = options.ifMatch {
      let tag = try Self.sound(template.evaluate(&message, context), "if_match")
      conditions.append("if-match", tag.hasPrefix("\"") ? tag : "\"\(tag)\"")
    }
  }

  /// What goes out in a field, and is read back the same: ASCII that can be seen.
  private static func sound(_ value: String, _ what: String) throws(Failure) -> String {
    guard value.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else {
      throw Failure(.invalid, "\(what) holds characters other than those of ASCII that can be seen")
    }
    return value
  }
}
