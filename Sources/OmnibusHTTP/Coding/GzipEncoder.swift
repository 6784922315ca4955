internal import CZlib

/// Encodes as gzip (RFC 1952), piece by piece.
struct GzipEncoder: ~Copyable {
  /// Beyond it text gets smaller by a few hundredths, and the time doubles.
  private static let level: Int32 = 4

  /// zlib keeps the address of what it was given.
  private let stream: UnsafeMutablePointer<z_stream>

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard omnibus_zlib_begin_gzip(stream, Self.level) == Z_OK else { preconditionFailure("out of memory") }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// What `piece` becomes; all of it, so that a reader need not wait for the next piece to read this one. The last piece
  /// may be empty.
  mutating func encode(_ piece: [UInt8], isLast: Bool) -> [UInt8] {
    // Beside the bound of the data there are the mark of a flush and the trailer.
    let room = Int(deflateBound(stream, UInt(piece.count))) + 64
    return [UInt8](unsafeUninitializedCapacity: room) { output, count in
      piece.withUnsafeBufferPointer { piece in
        stream.pointee.next_in = UnsafeMutablePointer(mutating: piece.baseAddress)
        stream.pointee.avail_in = UInt32(piece.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let result = deflate(stream, isLast ? Z_FINISH : Z_SYNC_FLUSH)
        let isDone = isLast ? result == Z_STREAM_END : result == Z_OK && stream.pointee.avail_in == 0
        precondition(isDone, "deflateBound was too little")
        count = output.count - Int(stream.pointee.avail_out)
      }
    }
  }
}
