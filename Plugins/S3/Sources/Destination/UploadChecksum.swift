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

  /// Whether there is one over the whole of an upload in parts, and not over the checksums of these alone.
  var coversWhole: Bool { self == .crc32c }

  /// The checksum over all parts, which are in their order; nil where there is none.
  func whole(of parts: [SentPart]) -> PartChecksum? {
    guard coversWhole else { return nil }
    var whole = CyclicCheck(.crc32c)
    for part in parts {
      guard let check = part.check else { return nil }
      whole.append(check, count: part.size)
    }
    return checksum(whole.value)
  }

  /// The checksum of this kind with a value.
  func checksum(_ value: [UInt8]) -> PartChecksum? {
    algorithm.map { PartChecksum(algorithm: $0, value: Base64.encode(value)) }
  }
}
