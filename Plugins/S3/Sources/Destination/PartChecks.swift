internal import Omnibus
internal import OmnibusCrypto
internal import OmnibusReactor

/// Works out the checksums of parts, of several at a time while others are sent.
struct PartChecks: Sendable {
  /// What is worked on on a thread of its own, as it would hold the reactor for milliseconds.
  private static let large = 256 << 10

  let kind: UploadChecksum
  let signsPayload: Bool
  let blocking: BlockingExecutor

  /// The part, with its checksums.
  func checked(_ part: BodyPart) async throws -> BodyPart {
    guard part.bytes.count > Self.large, kind != .none || signsPayload else { return worked(part) }
    return try await blocking.run { worked(part) }
  }

  private func worked(_ part: BodyPart) -> BodyPart {
    var part = part
    if signsPayload || kind == .sha256 { part.digest = SHA256.digest(part.bytes) }
    switch kind {
    case .none: break
    case .sha256: part.checksum = part.digest.flatMap(kind.checksum)
    case .crc32c:
      var check = CyclicCheck(.crc32c)
      part.bytes.withUnsafeBytes { check.update($0) }
      part.check = check
      part.checksum = kind.checksum(check.value)
    }
    return part
  }
}
