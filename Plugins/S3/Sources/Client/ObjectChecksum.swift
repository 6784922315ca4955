internal import OmnibusCrypto

/// The checksums that S3 knows over objects and their parts (Amazon S3 User Guide, "Checking object integrity"), in the order
/// in which they are looked for: what costs least first.
enum ObjectChecksum: String, CaseIterable {
  case crc32c, crc32, crc64nvme, sha256, sha1

  /// The name of its field.
  var field: String { "x-amz-checksum-\(rawValue)" }

  /// One that nothing was added to.
  var running: RunningChecksum {
    switch self {
    case .crc32c: .cyclic(CyclicCheck(.crc32c))
    case .crc32: .cyclic(CyclicCheck(.crc32))
    case .crc64nvme: .cyclic(CyclicCheck(.crc64nvme))
    case .sha256: .digest(RunningDigest(.sha256))
    case .sha1: .digest(RunningDigest(.sha1))
    }
  }
}

/// A checksum over bytes that come piece by piece.
enum RunningChecksum {
  case cyclic(CyclicCheck)
  case digest(RunningDigest)

  /// Adds the next bytes.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    switch self {
    case .cyclic(var check):
      check.update(bytes)
      self = .cyclic(check)
    case .digest(let digest): digest.update(bytes)
    }
  }

  /// The value of all that was added; once.
  func finish() -> [UInt8] {
    switch self {
    case .cyclic(let check): check.value
    case .digest(let digest): digest.finish()
    }
  }
}
