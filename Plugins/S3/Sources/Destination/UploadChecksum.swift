internal import Omnibus
internal import OmnibusCrypto

/// Which checksum goes with what is sent, for S3 to hold the bytes against and keep.
enum UploadChecksum: String, OptionEnum {
  case crc32c, sha256, none

  /// As the fields of an upload in parts name it; nil for none.
  var algorithm: String? {
    switch self {
    case .crc32c: "CRC32C"
    case .sha256: "SHA256"
    case .none: nil
    }
  }

  /// The checksum of this kind with a value.
  func checksum(_ value: [UInt8]) -> PartChecksum? {
    algorithm.map { PartChecksum(algorithm: $0, value: Base64.encode(value)) }
  }
}
