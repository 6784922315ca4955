internal import Omnibus

/// Takes the body of one request off the connection, into memory or into a stream.
struct RequestBodyReader {
  private var remaining = 0
  private var chunks: ChunkedDecoder?
  private var collected: [UInt8] = []
  private var taken = 0
  private var limit = 0
  /// Where the body goes piece by piece; nil when it is collected.
  private(set) var stream: RequestStream?

  init() {}

  /// A reader for a body framed so, of at most `limit` bytes.
  init(_ framing: RequestHead.Framing, limit: Int, stream: RequestStream?) {
    self.limit = limit
    self.stream = stream
    switch framing {
    case .none: break
    case .length(let length):
      remaining = length
      if stream == nil { collected.reserveCapacity(min(length, 256 << 10)) }
    case .chunked: chunks = ChunkedDecoder()
    }
  }

  /// Whether the whole body was read.
  var isDone: Bool { chunks?.isDone ?? (remaining == 0) }

  /// How many bytes are held here.
  var heldBytes: Int { collected.count }

  /// What was collected.
  mutating func takeBody() -> Body {
    defer { collected = [] }
    return collected.isEmpty ? .empty : .bytes(collected)
  }

  /// Reads on at `at` and moves it behind what was read.
  mutating func read(
    _ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int, limits: HTTPLimits
  ) throws(HTTPRefusal) {
    guard chunks != nil else {
      let count = min(remaining, bytes.count - at)
      take(UnsafeBufferPointer(rebasing: bytes[at..<at + count]))
      at += count
      remaining -= count
      return
    }
    // One piece for all chunks that came at once: each could be a byte.
    var gathered: [UInt8] = []
    while let piece = try chunks?.next(bytes, &at, limits: limits) {
      taken += piece.count
      guard taken <= limit else { throw .bodyTooLarge }
      if stream == nil { collected.append(contentsOf: piece) } else { gathered.append(contentsOf: piece) }
    }
    if !gathered.isEmpty { stream?.push(gathered) }
  }

  private mutating func take(_ piece: UnsafeBufferPointer<UInt8>) {
    guard !piece.isEmpty else { return }
    if let stream { stream.push(Array(piece)) } else { collected.append(contentsOf: piece) }
  }
}
