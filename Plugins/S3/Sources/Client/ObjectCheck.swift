internal import Omnibus
internal import OmnibusCrypto

/// What the bytes of an object are held against as they come: the first that the answer has of checksums over all of it,
/// and of its entity tag where that is an MD5.
struct ObjectCheck {
  private enum Running {
    case cyclic(CyclicCheck)
    case digest(RunningDigest)
  }

  private static let cyclic: [(field: String, algorithm: CyclicCheck.Algorithm)] = [
    ("x-amz-checksum-crc32c", .crc32c), ("x-amz-checksum-crc32", .crc32), ("x-amz-checksum-crc64nvme", .crc64nvme),
  ]
  private static let digests: [(field: String, algorithm: RunningDigest.Algorithm)] = [
    ("x-amz-checksum-sha256", .sha256), ("x-amz-checksum-sha1", .sha1),
  ]

  private var running: Running
  private let expected: [UInt8]

  /// The check for an answer with these fields; nil where it says nothing that can be checked.
  init?(_ headers: Headers) {
    // A checksum of the checksums of parts cannot be worked out of the whole.
    let isWhole = headers["x-amz-checksum-type"] != "COMPOSITE"
    for (field, algorithm) in Self.cyclic where isWhole {
      guard let value = headers[field].flatMap(Base64.decode) else { continue }
      running = .cyclic(CyclicCheck(algorithm))
      expected = value
      return
    }
    for (field, algorithm) in Self.digests where isWhole {
      guard let value = headers[field].flatMap(Base64.decode) else { continue }
      running = .digest(RunningDigest(algorithm))
      expected = value
      return
    }
    guard let digest = Self.md5(headers) else { return nil }
    running = .digest(RunningDigest(.md5))
    expected = digest
  }

  /// Takes the next bytes.
  mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { bytes in
      switch running {
      case .cyclic(var check):
        check.update(bytes)
        running = .cyclic(check)
      case .digest(let digest): digest.update(bytes)
      }
    }
  }

  /// Whether all bytes were as they should; once.
  func holds() -> Bool {
    switch running {
    case .cyclic(let check): check.value == expected
    case .digest(let digest): digest.finish() == expected
    }
  }

  /// What the entity tag says: it is the MD5 of an object that was sent at once, and not encrypted with a key of KMS or of
  /// its owner (Amazon S3 API Reference, "Object").
  private static func md5(_ headers: Headers) -> [UInt8]? {
    let encryption = headers["x-amz-server-side-encryption"] ?? "AES256"
    guard encryption == "AES256", !headers.contains("x-amz-server-side-encryption-customer-algorithm"),
      let tag = headers["etag"], tag.utf8.count == 34, tag.hasPrefix("\""), tag.hasSuffix("\"")
    else { return nil }
    let digits = Array(tag.utf8.dropFirst().dropLast())
    let bytes = stride(from: 0, to: 32, by: 2).compactMap {
      UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
    }
    return bytes.count == 16 ? bytes : nil
  }
}
