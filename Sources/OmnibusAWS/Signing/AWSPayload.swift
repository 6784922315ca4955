internal import OmnibusCrypto

/// What a signature says of the payload: the last line of the canonical request.
public enum AWSPayload: Sendable {
  /// Nothing is sent.
  case empty
  /// The payload, whose digest is signed.
  case bytes([UInt8])
  /// The SHA-256 of the payload, 32 bytes, worked out beforehand.
  case digest([UInt8])
  /// The payload is not signed, and safe by TLS alone: `UNSIGNED-PAYLOAD`.
  case unsigned
  /// Each chunk is signed: `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`.
  case streaming
  /// Each chunk and the trailer are signed: `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`.
  case streamingWithTrailer
  /// Chunks without signatures, and a trailer: `STREAMING-UNSIGNED-PAYLOAD-TRAILER`.
  case unsignedWithTrailer

  /// The text that stands for it, as in `x-amz-content-sha256`.
  public var text: String {
    switch self {
    case .empty: Self.emptyDigest
    case .bytes(let bytes): AWSEncoding.hex(SHA256.digest(bytes))
    case .digest(let digest): AWSEncoding.hex(digest)
    case .unsigned: "UNSIGNED-PAYLOAD"
    case .streaming: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    case .streamingWithTrailer: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    case .unsignedWithTrailer: "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    }
  }

  /// The SHA-256 of nothing.
  static let emptyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}
