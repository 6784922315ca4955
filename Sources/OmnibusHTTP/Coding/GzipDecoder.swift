internal import CZlib
internal import Omnibus

/// Decodes gzip (RFC 1952) piece by piece into room that the caller gives, so that whatever comes in costs no more memory
/// than that.
struct GzipDecoder: ~Copyable {
  /// How many times its size content may have once it is decoded. Text that repeats itself stays below it; deflate
  /// reaches 1032.
  static let maxRatio = 200
  /// What may come of any content, however small that is.
  private static let freeBytes = 1 << 20

  /// zlib keeps the address of what it was given.
  private let stream: UnsafeMutablePointer<z_stream>
  private let limit: Int
  private var taken = 0
  private var given = 0
  /// Whether what was read ends with a member.
  private var isAtEnd = false

  /// A decoder of content that may have `limit` bytes once it is decoded.
  init(limit: Int) {
    self.limit = limit
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard omnibus_zlib_begin_gunzip(stream) == Z_OK else { preconditionFailure("out of memory") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Decodes `input` from `at` on, as far as there is room in `output`; moves `at`, and answers how many bytes it gave.
  mutating func decode(
    _ input: UnsafeBufferPointer<UInt8>, _ at: inout Int, into output: UnsafeMutableBufferPointer<UInt8>
  ) throws(GzipProblem) -> Int {
    var filled = 0
    repeat {
      if isAtEnd {
        guard at < input.count else { break }
        // Several members make one content (RFC 1952, 2.2).
        guard inflateReset(stream) == Z_OK else { throw .malformed }
        isAtEnd = false
      }
      let before = at
      let result = step(input, &at, output, &filled)
      guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else { throw .malformed }
      taken += at - before
      try check(given + filled)
      isAtEnd = result == Z_STREAM_END
      if result == Z_BUF_ERROR { break }
    } while filled < output.count && at < input.count
    given += filled
    return filled
  }

  /// Whether the content was all there.
  func end() throws(GzipProblem) { guard isAtEnd else { throw .malformed } }

  private func step(
    _ input: UnsafeBufferPointer<UInt8>, _ at: inout Int, _ output: UnsafeMutableBufferPointer<UInt8>,
    _ filled: inout Int
  ) -> Int32 {
    let inputCount = min(input.count - at, 1 << 30)
    let outputCount = min(output.count - filled, 1 << 30)
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + at })
    stream.pointee.avail_in = UInt32(inputCount)
    stream.pointee.next_out = output.baseAddress.map { $0 + filled }
    stream.pointee.avail_out = UInt32(outputCount)
    let result = inflate(stream, Z_NO_FLUSH)
    at += inputCount - Int(stream.pointee.avail_in)
    filled += outputCount - Int(stream.pointee.avail_out)
    return result
  }

  private func check(_ given: Int) throws(GzipProblem) {
    guard given <= limit else { throw .tooLarge(limit) }
    guard given <= Self.freeBytes || given / Self.maxRatio <= taken else { throw .bomb }
  }
}
