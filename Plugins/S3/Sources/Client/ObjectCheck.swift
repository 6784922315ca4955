internal import Omnibus
internal import OmnibusCrypto

/// What the bytes of an object are held against as they come: the first that the answer has of checksums over all of it, of
/// one over its parts where their sizes are known, and of its entity tag where that is an MD5.
struct ObjectCheck {
  private enum Running {
    case whole(RunningChecksum)
    case parts(PartsCheck)
  }

  private var running: Running
  private let expected: [UInt8]

  /// The check for an answer with these fields, and parts of these sizes where there is a checksum of their checksums; nil
  /// where nothing can be checked.
  init?(_ headers: Headers, partSizes: [Int] = []) {
    let isComposite = Self.isComposite(headers)
    for checksum in ObjectChecksum.allCases {
      guard let value = headers[checksum.field] else { continue }
      if !isComposite, let bytes = Base64.decode(value) {
        (running, expected) = (.whole(checksum.running), bytes)
        return
      }
      // Behind a hyphen stands how many parts there are.
      let sides = value.split(separator: "-")
      guard isComposite, let first = sides.first, sides.count == 1 || Int(sides[1]) == partSizes.count,
        let bytes = Base64.decode(String(first)), let check = PartsCheck(checksum, sizes: partSizes)
      else { continue }
      (running, expected) = (.parts(check), bytes)
      return
    }
    guard let digest = Self.md5(headers) else { return nil }
    (running, expected) = (.whole(.digest(RunningDigest(.md5))), digest)
  }

  /// Whether an answer has checksums of checksums of parts alone, which cannot be worked out of the whole.
  static func isComposite(_ headers: Headers) -> Bool {
    if let type = headers["x-amz-checksum-type"] { return type == "COMPOSITE" }
    return ObjectChecksum.allCases.contains { headers[$0.field]?.contains("-") == true }
  }

  /// Takes the next bytes.
  mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { bytes in
      switch running {
      case .whole(var check):
        check.update(bytes)
        running = .whole(check)
      case .parts(var check):
        check.update(bytes)
        running = .parts(check)
      }
    }
  }

  /// Whether all bytes were as they should; once.
  func holds() -> Bool {
    switch running {
    case .whole(let check): return check.finish() == expected
    case .parts(var check): return check.finish() == expected
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
