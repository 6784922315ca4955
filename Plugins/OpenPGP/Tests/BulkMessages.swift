import Omnibus
import OmnibusTesting
import Synchronization

@testable import OpenPGPPlugin

/// Messages as the bulk layer makes them, for what is in them that nobody else would put there.
struct BulkMessages {
  let key: TransportKey

  /// For the first secret key of a file.
  init(_ parties: Parties) throws {
    let entry = KeyMaterial.Entry(
      name: "key", bytes: parties.gpg.files.read("\(parties.ours).secret") ?? [], isSecret: true,
      passphrase: parties.passphrase.isEmpty ? nil : Secret(parties.passphrase))
    let session = try RNPSession(KeyMaterial([entry]), at: 1_700_000_000)
    guard let key = session.openingKeys().first else { throw Failure(.internal, "there is no key") }
    self.key = key
  }

  /// `packets` encrypted; they may be any bytes.
  func message(_ packets: [UInt8], _ cipher: Cipher = .aes256) throws -> [UInt8] {
    let session = try SessionKey.random(cipher)
    let writer = try ProtectedWriter(session)
    try packets.withUnsafeBytes { try writer.write($0) }
    let head = try key.wrap(session)
    let whole = writer.take() ?? []
    return try head + whole + writer.finish()
  }

  /// Packets in a packet of compressed data, as blocks that are stored as they are (RFC 4880, 5.6; RFC 1951, 3.2.4).
  static func stored(_ packets: [UInt8]) -> [UInt8] {
    var content: [UInt8] = [1]
    for start in stride(from: 0, to: packets.count, by: 65535) {
      let block = packets[start..<min(start + 65535, packets.count)]
      let count = UInt16(block.count)
      content.append(start + 65535 >= packets.count ? 1 : 0)
      for number in [count, ~count] { content += [UInt8(truncatingIfNeeded: number), UInt8(number >> 8)] }
      content += block
    }
    return [0xC8, 0xFF] + (0..<4).map { UInt8(truncatingIfNeeded: content.count >> (24 - 8 * $0)) } + content
  }

  /// Data as a message of its own.
  static func literal(_ text: [UInt8], _ compression: Compression = .none) throws -> [UInt8] {
    var literal = PartWriter.literal
    text.withUnsafeBytes { literal.write($0) }
    let packet = (literal.take() ?? []) + literal.finish()
    guard let packer = try PackedWriter(compression, level: 6) else { return packet }
    return try (packet.withUnsafeBytes { try packer.write($0) } ?? []) + packer.finish()
  }
}

/// Bytes as a stream of pieces, which the bulk layer works on whatever their count.
func pieces(_ bytes: [UInt8], of size: Int = 1000) -> Body {
  let left = Mutex(bytes[...])
  return .stream(
    BodyStream(length: bytes.count) {
      left.withLock { left in
        defer { left = left.dropFirst(size) }
        return left.isEmpty ? nil : Array(left.prefix(size))
      }
    })
}
