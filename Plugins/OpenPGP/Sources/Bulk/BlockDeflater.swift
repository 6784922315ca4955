internal import CZlib

/// Deflates blocks of one text, each of which may point back into what stands before it (RFC 1951). For one thread at a time.
final class BlockDeflater {
  /// In one place, as zlib points back to it.
  private let stream: UnsafeMutablePointer<z_stream>

  /// With a window of 2 to the power of `windowBits` bytes. Nil where there is no memory for it.
  init?(windowBits: Int32, level: Int) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let result = deflateInit2_(
      stream, Int32(level), Z_DEFLATED, -windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard result == Z_OK else { return nil }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// What becomes of `block`, which ends with a whole byte; `before` is what stands before it, as far as its window reaches.
  func deflated(
    _ block: ArraySlice<UInt8>, behind before: ArraySlice<UInt8>, isLast: Bool = false
  ) throws(Damaged) -> [UInt8] {
    guard deflateReset(stream) == Z_OK, before.isEmpty || setWindow(before) else { throw Damaged() }
    // What is flushed takes a block without content on top.
    let capacity = Int(deflateBound(stream, UInt(block.count))) + 16
    var isDone = false
    let made = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      block.withUnsafeBufferPointer { block in
        stream.pointee.next_in = UnsafeMutablePointer(mutating: block.baseAddress)
        stream.pointee.avail_in = UInt32(block.count)
        stream.pointee.next_out = buffer.baseAddress
        stream.pointee.avail_out = UInt32(capacity)
        let result = deflate(stream, isLast ? Z_FINISH : Z_SYNC_FLUSH)
        count = capacity - Int(stream.pointee.avail_out)
        isDone = isLast ? result == Z_STREAM_END : result == Z_OK && stream.pointee.avail_out > 0
      }
    }
    guard isDone else { throw Damaged() }
    return made
  }

  private func setWindow(_ before: ArraySlice<UInt8>) -> Bool {
    before.withUnsafeBufferPointer { deflateSetDictionary(stream, $0.baseAddress, UInt32($0.count)) } == Z_OK
  }
}
