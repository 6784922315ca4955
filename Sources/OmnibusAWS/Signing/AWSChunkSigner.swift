internal import OmnibusCrypto

/// Frames and signs a payload that streams, chunk by chunk (Amazon S3 API Reference, "Signature calculations: transferring
/// payload in multiple chunks"): each signature stands on the one before it.
public struct AWSChunkSigner: Sendable {
  private let seed: AWSSignature
  private var former: String

  /// A signer for the payload of the request that `seed` is of.
  public init(_ seed: AWSSignature) {
    self.seed = seed
    former = seed.text
  }

  /// A chunk as it is sent: `size;chunk-signature=…`, a line end, the bytes, a line end. All but the last have 8 KiB or
  /// more.
  public mutating func frame(_ chunk: [UInt8]) -> [UInt8] {
    let signature = sign(chunk: chunk)
    var framed = Array("\(String(chunk.count, radix: 16));chunk-signature=\(signature)\r\n".utf8)
    framed.reserveCapacity(framed.count + chunk.count + 2)
    framed += chunk
    framed += [0x0D, 0x0A]
    return framed
  }

  /// What stands behind all chunks of a payload without a trailer: the empty chunk.
  public mutating func end() -> [UInt8] { frame([]) }

  /// What stands behind all chunks of a payload with a trailer: the empty chunk, the fields, and their signature. Names
  /// are in lower case.
  public mutating func end(trailer: [(name: String, value: String)]) -> [UInt8] {
    var text = "0;chunk-signature=\(sign(chunk: []))\r\n"
    for field in trailer { text += "\(field.name):\(field.value)\r\n" }
    text += "x-amz-trailer-signature:\(sign(trailer: trailer))\r\n\r\n"
    return Array(text.utf8)
  }

  /// How many bytes a payload of `length` bytes takes that is framed in chunks of `chunkSize`, the last one smaller.
  public static func framedLength(
    _ length: Int, chunkSize: Int, trailer: [(name: String, valueLength: Int)] = []
  ) -> Int {
    let whole = length / chunkSize
    let rest = length % chunkSize
    var count = whole * framedLength(ofChunk: chunkSize) + (rest > 0 ? framedLength(ofChunk: rest) : 0)
    count += framedLength(ofChunk: 0)
    guard !trailer.isEmpty else { return count }
    count += trailer.reduce(0) { $0 + $1.name.utf8.count + 1 + $1.valueLength + 2 }
    return count + "x-amz-trailer-signature:".utf8.count + 64 + 2
  }

  private static func framedLength(ofChunk count: Int) -> Int {
    String(count, radix: 16).utf8.count + ";chunk-signature=".utf8.count + 64 + 2 + count + 2
  }

  /// The signature of the next chunk.
  mutating func sign(chunk: [UInt8]) -> String {
    let digest = chunk.isEmpty ? AWSPayload.emptyDigest : AWSEncoding.hex(SHA256.digest(chunk))
    return sign(
      "AWS4-HMAC-SHA256-PAYLOAD\n\(seed.time)\n\(seed.scope)\n\(former)\n\(AWSPayload.emptyDigest)\n\(digest)")
  }

  /// The signature of the trailer.
  mutating func sign(trailer: [(name: String, value: String)]) -> String {
    let fields = trailer.reduce(into: "") { $0 += "\($1.name):\($1.value)\n" }
    let digest = AWSEncoding.hex(SHA256.digest(Array(fields.utf8)))
    return sign("AWS4-HMAC-SHA256-TRAILER\n\(seed.time)\n\(seed.scope)\n\(former)\n\(digest)")
  }

  private mutating func sign(_ text: String) -> String {
    former = AWSEncoding.hex(HMACSHA256.code(Array(text.utf8), key: seed.key))
    return former
  }
}
