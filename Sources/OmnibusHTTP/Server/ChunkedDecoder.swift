internal import Omnibus

/// Takes the chunked coding off a body (RFC 9112, 7.1), with bounds on all that is not body.
struct ChunkedDecoder {
  private enum State {
    case size
    case extensions
    case sizeLineFeed
    case data
    case dataCarriageReturn
    case dataLineFeed
    case trailer
    case done
  }

  private var state = State.size
  private var size = 0
  private var digits = 0
  private var extensionBytes = 0
  private var trailer: [UInt8] = []
  private var trailerPlace = 0
  private var trailerCount = 0
  private var trailerMeaning = FramingFields(isVersion10: false)

  /// Whether the last chunk and the trailers have been read.
  var isDone: Bool { state == .done }

  /// Reads on at `at` up to the end of the next piece of data, which it answers; nil when the bytes are at their end
  /// or the body is. `at` is moved behind what was read.
  mutating func next(
    _ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int, limits: HTTPLimits
  ) throws(HTTPRefusal) -> UnsafeBufferPointer<UInt8>? {
    while at < bytes.count, state != .done {
      if state == .data {
        let count = min(size, bytes.count - at)
        let piece = UnsafeBufferPointer(rebasing: bytes[at..<at + count])
        at += count
        size -= count
        if size == 0 { state = .dataCarriageReturn }
        return piece
      }
      try take(bytes[at], limits)
      at += 1
    }
    return nil
  }

  private mutating func take(_ byte: UInt8, _ limits: HTTPLimits) throws(HTTPRefusal) {
    switch state {
    case .size: try takeSize(byte)
    case .extensions: try takeExtension(byte, limits)
    case .sizeLineFeed:
      guard byte == 0x0A else { throw .bareCarriageReturn }
      state = size == 0 ? .trailer : .data
    case .dataCarriageReturn:
      guard byte == 0x0D else { throw .malformed("a chunk is not followed by CR LF") }
      state = .dataLineFeed
    case .dataLineFeed:
      guard byte == 0x0A else { throw .malformed("a chunk is not followed by CR LF") }
      state = .size
      digits = 0
    case .trailer: try takeTrailer(byte, limits)
    case .data, .done: break
    }
  }

  private mutating func takeSize(_ byte: UInt8) throws(HTTPRefusal) {
    if let digit = PercentEncoding.digit(byte) {
      guard digits < 15 else { throw .malformed("a chunk size is too large") }
      size = size << 4 | Int(digit)
      digits += 1
      return
    }
    guard digits > 0 else { throw .malformed("a chunk has no size") }
    switch byte {
    case 0x0D: state = .sizeLineFeed
    case 0x3B: state = .extensions
    case 0x0A: throw .bareLineFeed
    default: throw .malformed("a chunk size is not a hexadecimal number")
    }
  }

  private mutating func takeExtension(_ byte: UInt8, _ limits: HTTPLimits) throws(HTTPRefusal) {
    extensionBytes += 1
    guard extensionBytes <= limits.chunkExtensions else { throw .malformed("the chunk extensions are too large") }
    if byte == 0x0D {
      state = .sizeLineFeed
    } else if byte == 0x0A {
      throw .bareLineFeed
    } else if byte < 0x20 && byte != 0x09 || byte == 0x7F {
      throw .malformed("a chunk extension holds a control character")
    }
  }

  /// Trailers are checked and left out: no field of theirs may change what the header said.
  private mutating func takeTrailer(_ byte: UInt8, _ limits: HTTPLimits) throws(HTTPRefusal) {
    guard trailer.count < limits.headerBytes else { throw .fieldsTooLarge }
    trailer.append(byte)
    guard byte == 0x0A else { return }
    var place = trailerPlace
    try trailer.withUnsafeBufferPointer { trailer throws(HTTPRefusal) in
      switch try FieldLines.next(trailer, &place, token: .token) {
      case .end: state = .done
      case .field(let field):
        trailerCount += 1
        guard trailerCount <= limits.headerCount else { throw .tooManyFields }
        try trailerMeaning.takeTrailer(field, trailer)
      case .incomplete: throw .bareLineFeed
      }
    }
    trailerPlace = place
  }
}
