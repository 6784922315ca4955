internal import OmnibusCrypto

/// A part of a body that is sent at once.
struct BodyPart: Sendable {
  /// Counted from 1.
  var number: Int
  var bytes: [UInt8]
  /// The SHA-256, where it was asked for.
  var digest: [UInt8]?
  /// The CRC-32C, where it was asked for.
  var check: CyclicCheck?
  /// What S3 holds the bytes against; nil for nothing.
  var checksum: PartChecksum?
}
