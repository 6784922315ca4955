internal import COpenPGP
internal import COpenSSL
internal import OmnibusCrypto

/// Decrypts the content of a packet that is protected against being changed (RFC 4880, 5.13), piece by piece. What it gives
/// may be seen by nobody before `finish` has found it good. For one thread at a time.
///
/// Text is a block of the message mixed with the block before after that was encrypted (13.9). So what is mixed is known for
/// many blocks at once, which processors encrypt side by side.
final class ProtectedReader {
  private static let batchSize = 1 << 15
  private static let pieceSize = 1 << 18
  /// What is random, and the last two bytes of it again.
  private static let prefixSize = 18
  /// The head of a packet, and the code against changes in it (5.14).
  private static let codeHead: [UInt8] = [0xD3, 20]
  private static let codeSize = 22

  private let context: OpaquePointer
  private let digest = RunningDigest(.sha1)
  private var version: UInt8?
  /// The last block before those that are not decrypted yet, and then these.
  private var blocks = [UInt8](repeating: 0, count: 16)
  private var mask = [UInt8](repeating: 0, count: ProtectedReader.batchSize + 16)
  /// Text that was not given yet.
  private var text: [UInt8] = []
  private var prefixLeft = ProtectedReader.prefixSize

  init(_ session: SessionKey) throws(Damaged) {
    guard let context = EVP_CIPHER_CTX_new() else { throw Damaged() }
    self.context = context
    blocks.reserveCapacity(16 + Self.batchSize)
    text.reserveCapacity(Self.pieceSize + Self.batchSize)
    let isBegun = session.key.reading {
      EVP_EncryptInit_ex(context, session.cipher.blocks, nil, $0.baseAddress, nil)
    }
    guard isBegun == 1 else { throw Damaged() }
    EVP_CIPHER_CTX_set_padding(context, 0)
  }

  deinit { EVP_CIPHER_CTX_free(context) }

  /// Takes the next content, and gives each piece of text that is full to `give`.
  func read(
    _ content: UnsafeRawBufferPointer, _ give: ([UInt8]) throws(Damaged) -> Void
  ) throws(Damaged) {
    var rest = content[...]
    if version == nil { version = rest.popFirst() }
    while !rest.isEmpty {
      let count = min(rest.count, 16 + Self.batchSize - blocks.count)
      blocks.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
      rest = rest.dropFirst(count)
      guard blocks.count == 16 + Self.batchSize else { return }
      try decrypt()
      if text.count >= Self.pieceSize { try give(takeText(keeping: Self.codeSize)) }
    }
  }

  /// The rest of the text, where all of it is as it was sent.
  func finish() throws(Damaged) -> [UInt8] {
    try decrypt()
    guard version == 1, text.count >= prefixLeft + Self.codeSize else { throw Damaged() }
    let piece = takeText(keeping: Self.codeSize)
    Self.codeHead.withUnsafeBytes { digest.update($0) }
    guard ConstantTime.areEqual(Self.codeHead + digest.finish(), text) else { throw Damaged() }
    return piece
  }

  private func decrypt() throws(Damaged) {
    let size = blocks.count - 16
    var count: Int32 = 0
    // Of the last block, which may not be full, only as much as there is counts.
    let encrypted = EVP_EncryptUpdate(context, &mask, &count, blocks, Int32((size + 15) / 16 * 16))
    guard encrypted == 1, count >= size else { throw Damaged() }
    mask.withUnsafeMutableBytes { mask in
      blocks.withUnsafeBytes { blocks in
        guard let to = mask.baseAddress, let from = blocks.baseAddress else { return }
        omnibus_xor(to, to, from + 16, size)
      }
    }
    text.append(contentsOf: mask[..<size])
    blocks.removeFirst(size)
  }

  private func takeText(keeping kept: Int) -> [UInt8] {
    let rest = Array(text.suffix(kept))
    text.removeLast(kept)
    text.withUnsafeBytes { digest.update($0) }
    text.removeFirst(prefixLeft)
    prefixLeft = 0
    let piece = text
    text = []
    text.reserveCapacity(Self.pieceSize + Self.batchSize)
    text += rest
    return piece
  }
}
