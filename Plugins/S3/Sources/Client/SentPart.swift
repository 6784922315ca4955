internal import Omnibus
internal import OmnibusCrypto

/// A part of an upload that S3 has.
struct SentPart: Sendable {
  var number: Int
  var etag: String
  /// In bytes.
  var size: Int
  /// Its CRC-32C; nil where it was not worked out.
  var check: CyclicCheck?
  /// The element and the text of its checksum; nil for none.
  var checksum: PartChecksum?
}

/// A checksum as S3 is told it.
struct PartChecksum: Sendable {
  /// What S3 calls it: `CRC32C`.
  var algorithm: String
  /// In Base64.
  var value: String

  /// The name of the element: `ChecksumCRC32C`.
  var element: String { "Checksum\(algorithm)" }
  /// The name of the field: `x-amz-checksum-crc32c`.
  var field: String { "x-amz-checksum-\(algorithm.lowercased())" }

  /// Adds what is said of bytes that are sent: some stores want to be told which checksum it is.
  func write(to headers: inout Headers) {
    headers["x-amz-sdk-checksum-algorithm"] = algorithm
    headers[field] = value
  }
}
