internal import COpenPGP
internal import COpenSSL
internal import OmnibusCrypto

/// Encrypts text into a packet that is protected against being changed (RFC 4880, 5.13), piece by piece. For one thread at a
/// time.
///
/// A block of the message is the text mixed with the block before after that was encrypted (13.9). What is mixed is, one block
/// later, what chaining gives (CBC), for which OpenSSL has the faster code.
final class ProtectedWriter {
  private static let batchSize = 1 << 15
  private static let codeHead: [UInt8] = [0xD3, 20]

  private let context: OpaquePointer
  private let digest = RunningDigest(.sha1)
  private var text: [UInt8] = []
  /// What the next block is mixed with, and those behind it; the code at the end may come on top of a batch.
  private var mask = [UInt8](repeating: 0, count: 16 + ProtectedWriter.batchSize + 32)
  private var mixed = [UInt8](repeating: 0, count: ProtectedWriter.batchSize + 32)
  private var packet = PartWriter(tag: 18)

  init(_ session: SessionKey) throws(Damaged) {
    guard let context = EVP_CIPHER_CTX_new() else { throw Damaged() }
    self.context = context
    text.reserveCapacity(Self.batchSize)
    var (zeros, count) = ([UInt8](repeating: 0, count: 16), Int32(0))
    guard session.key.reading({ EVP_EncryptInit_ex(context, session.cipher.blocks, nil, $0.baseAddress, nil) }) == 1,
      EVP_CIPHER_CTX_set_padding(context, 0) == 1,
      EVP_EncryptUpdate(context, &mask, &count, zeros, 16) == 1, count == 16,
      session.key.reading({ EVP_EncryptInit_ex(context, session.cipher.chain, nil, $0.baseAddress, mask) }) == 1,
      EVP_CIPHER_CTX_set_padding(context, 0) == 1,
      RAND_bytes(&zeros, 16) == 1
    else { throw Damaged() }
    [1 as UInt8].withUnsafeBytes { packet.write($0) }
    text += zeros + zeros.suffix(2)
  }

  deinit { EVP_CIPHER_CTX_free(context) }

  /// Adds text.
  func write(_ bytes: UnsafeRawBufferPointer) throws(Damaged) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = min(rest.count, Self.batchSize - text.count)
      text.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
      rest = rest.dropFirst(count)
      if text.count == Self.batchSize { try encryptBatch() }
    }
  }

  /// What is done of the packet.
  func take() -> [UInt8]? { packet.take() }

  /// The rest of the packet.
  func finish() throws(Damaged) -> [UInt8] {
    try Self.codeHead[...].reading { bytes throws(Damaged) in try write(bytes) }
    hash()
    let code = digest.finish()
    guard code.count == Int(Self.codeHead[1]) else { throw Damaged() }
    text += code
    try encrypt(count: text.count)
    return packet.finish()
  }

  private func encryptBatch() throws(Damaged) {
    hash()
    try encrypt(count: Self.batchSize)
  }

  private func hash() { text.withUnsafeBytes { digest.update($0) } }

  private func encrypt(count size: Int) throws(Damaged) {
    let whole = size / 16 * 16
    var count: Int32 = 0
    let chained = mask.withUnsafeMutableBytes { mask in
      EVP_EncryptUpdate(
        context, mask.baseAddress?.advanced(by: 16).assumingMemoryBound(to: UInt8.self), &count, text, Int32(whole))
    }
    guard chained == 1, Int(count) == whole else { throw Damaged() }
    mixed.withUnsafeMutableBytes { mixed in
      mask.withUnsafeBytes { mask in
        text.withUnsafeBytes { text in
          guard let to = mixed.baseAddress, let left = mask.baseAddress, let right = text.baseAddress else { return }
          omnibus_xor(to, left, right, size)
          packet.write(UnsafeRawBufferPointer(start: to, count: size))
        }
      }
    }
    for place in 0..<16 { mask[place] = mask[whole + place] }
    text.removeAll(keepingCapacity: true)
  }
}
