internal import CZlib

/// Writes data as a message of its own: literal (RFC 4880, 5.9), and packed where that is asked for (5.6). For one thread at a
/// time.
final class LiteralWriter {
  private static let bufferSize = 1 << 16

  private var literal = PartWriter(tag: 11)
  private var packed = PartWriter(tag: 8)
  /// In one place, as zlib points back to it.
  private let deflating: UnsafeMutablePointer<z_stream>?
  private var buffer: [UInt8] = []

  /// Nil for a packing that zlib does not know.
  init?(_ compression: Compression, level: Int) {
    guard let form = compression.deflated else {
      deflating = nil
      guard compression == .none else { return nil }
      begin()
      return
    }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    deflating = stream
    let result = deflateInit2_(
      stream, Int32(level), Z_DEFLATED, form.window, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard result == Z_OK else { return nil }
    buffer = [UInt8](repeating: 0, count: Self.bufferSize)
    [form.number].withUnsafeBytes { packed.write($0) }
    begin()
  }

  deinit {
    guard let deflating else { return }
    deflateEnd(deflating)
    deflating.deallocate()
  }

  /// Adds data; what there is of the message then, or nil.
  func write(_ bytes: UnsafeRawBufferPointer) throws(Damaged) -> [UInt8]? {
    literal.write(bytes)
    guard let deflating else { return literal.take() }
    if let piece = literal.take() { try pack(piece, deflating, Z_NO_FLUSH) }
    return packed.take()
  }

  /// The rest of the message.
  func finish() throws(Damaged) -> [UInt8] {
    let rest = literal.finish()
    guard let deflating else { return rest }
    try pack(rest, deflating, Z_FINISH)
    return packed.finish()
  }

  /// Bytes, without a name and a time.
  private func begin() {
    let head: [UInt8] = [0x62, 0, 0, 0, 0, 0]
    head.withUnsafeBytes { literal.write($0) }
  }

  private func pack(_ piece: [UInt8], _ stream: UnsafeMutablePointer<z_stream>, _ flush: Int32) throws(Damaged) {
    var piece = piece
    let isPacked = piece.withUnsafeMutableBufferPointer { piece -> Bool in
      stream.pointee.next_in = piece.baseAddress
      stream.pointee.avail_in = UInt32(piece.count)
      while true {
        let (result, count) = buffer.withUnsafeMutableBufferPointer { buffer in
          stream.pointee.next_out = buffer.baseAddress
          stream.pointee.avail_out = UInt32(buffer.count)
          return (deflate(stream, flush), buffer.count - Int(stream.pointee.avail_out))
        }
        buffer.withUnsafeBytes { packed.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        if result == Z_STREAM_END { return true }
        guard result == Z_OK || result == Z_BUF_ERROR else { return false }
        // There is more as long as it filled the buffer.
        if count < Self.bufferSize, flush == Z_NO_FLUSH { return stream.pointee.avail_in == 0 }
      }
    }
    guard isPacked else { throw Damaged() }
  }
}

extension Compression {
  /// Its number in OpenPGP (RFC 4880, 9.3) and its window in zlib, where zlib knows it. The windows of ZIP are those of PGP.
  fileprivate var deflated: (number: UInt8, window: Int32)? {
    switch self {
    case .none, .bzip2: nil
    case .zip: (1, -13)
    case .zlib: (2, 15)
    }
  }
}
