internal import Omnibus
internal import OmnibusAWS
internal import OmnibusExpression
internal import OmnibusHTTP

/// The options of `to: s3`.
struct S3DestinationOptions: Options {
  enum Encryption: String, OptionEnum {
    case aes256 = "AES256"
    case kms = "aws:kms"
  }

  @Option(help: "the bucket", check: S3Bucket.problem)
  var bucket: String

  @Option(help: "the key of the object: any text of up to 1024 bytes, with slashes where folders should show")
  var key: TextTemplate

  @Option(help: "the media type of the object", default: "that of the message")
  var contentType: TextTemplate? = nil

  @Option(help: "what is kept beside the object under names of its own, in ASCII", default: "none")
  var metadata: OptionMap<TextTemplate> = OptionMap()

  @Option(help: "tags of the object, ten at the most", default: "none")
  var tags: OptionMap<TextTemplate> = OptionMap()

  @Option(
    help: "how the store encrypts the object: with keys of its own, or with a key of KMS", default: "as the bucket says"
  )
  var encryption: Encryption? = nil

  @Option(help: "the key of KMS, by its id, alias or ARN", default: "that of the account for S3")
  var kmsKey: String? = nil

  @Option(help: "the storage class, such as STANDARD_IA", default: "STANDARD", check: storageClassProblem)
  var storageClass: String? = nil

  @Option(help: "what the store holds the bytes against, and keeps; none for stores that know no checksums")
  var checksum: UploadChecksum = .crc32c

  @Option(
    help: "write only where there is no object of the key, and fail as rejected where there is one",
    check: { $0 == nil || $0 == "*" ? nil : "is \"*\", for any object" })
  var ifNoneMatch: String? = nil

  @Option(
    help: "write only in the place of the object with this entity tag, and fail as rejected where there is another",
    default: "none")
  var ifMatch: TextTemplate? = nil

  @Option(
    help: "bodies up to this size are sent at once, larger ones and streams in parts of it",
    check: { 5 << 20...5 << 30 ~= $0.bytes ? nil : "must be 5MiB to 5GiB" })
  var partSize: ByteSize = ByteSize(bytes: 8 << 20)

  @Option(help: "how many parts of a body to send at once; each is held in memory, and one more", range: 1...32)
  var partsInFlight: Int = 3

  @Option(
    help: "whether the bucket is in the path of the address, and not in the name of the host",
    default: "true where endpoint is not AWS itself, or the bucket's name has dots")
  var pathStyle: Bool? = nil

  @Option(
    help: "how long a request may take, with its answer", check: { $0 > .zero ? nil : "must be more than nothing" })
  var timeout: Duration = .seconds(60)

  /// How AWS is reached, and as whom.
  var aws = AWSOptions()

  func validate(_ node: Node, in scope: LoadScope) {
    aws.validate(node, in: scope)
    if kmsKey != nil, encryption != .kms { conflict("kms_key", "without encryption: aws:kms", node, scope) }
    if ifMatch != nil, ifNoneMatch != nil { conflict("if_match", "beside if_none_match", node, scope) }
    if tags.entries.count > 10 {
      scope.report(
        "invalid-option", at: node["tags"]?.location ?? node.location,
        "\(scope.subject): \(tags.entries.count) tags, and an object has ten at the most")
    }
    for (key, _) in node["metadata"]?.entries ?? [] where !FieldName.isToken((key.text ?? "").utf8) {
      scope.report(
        "invalid-option", at: key.location, "\(scope.subject).metadata: \"\(key.text ?? "")\" is no name for metadata",
        help: "write letters, digits and hyphens")
    }
    if let problem = key.constant.flatMap(ObjectKey.problem) {
      scope.report(
        "invalid-option", at: node["key"]?.location ?? node.location,
        "\(scope.subject): no object has the key: \(problem)")
    }
  }

  private func conflict(_ name: String, _ reason: String, _ node: Node, _ scope: LoadScope) {
    scope.report(
      "conflicting-options", at: node[name]?.location ?? node.location,
      "\(scope.subject): \(name) has no meaning \(reason)", help: "leave one of them out")
  }
}

@Sendable private func storageClassProblem(_ name: String?) -> String? {
  guard let name, name.isEmpty || !name.utf8.allSatisfy({ 0x41...0x5A ~= $0 || 0x30...0x39 ~= $0 || $0 == 0x5F }) else {
    return nil
  }
  return "is no storage class such as STANDARD_IA"
}
