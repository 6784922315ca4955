internal import Glibc

/// The memory of a text while it is indexed: its bytes, eight zero bytes, and words that grow in number.
struct JSONTape: ~Copyable {
  private(set) var bytes: UnsafeMutablePointer<UInt8>
  private(set) var words: UnsafeMutablePointer<UInt64>
  private(set) var capacity: Int
  private let wordsOffset: Int
  private let byteCount: Int

  /// Copies `text`, with room for `capacity` words.
  init(_ text: UnsafeBufferPointer<UInt8>, capacity: Int) {
    byteCount = text.count
    wordsOffset = (text.count + 8 + 7) & ~7
    self.capacity = capacity
    let base = Self.memory(malloc(wordsOffset + capacity * 8))
    bytes = base.assumingMemoryBound(to: UInt8.self)
    if let start = text.baseAddress { memcpy(base, start, text.count) }
    memset(base + text.count, 0, 8)
    words = (base + wordsOffset).assumingMemoryBound(to: UInt64.self)
  }

  deinit { free(bytes) }

  /// Doubles the room for words.
  mutating func grow() {
    capacity *= 2
    resize(to: capacity)
  }

  /// Hands the memory over to a text with `count` words; room to spare of more than an eighth is given back.
  consuming func finish(words count: Int) -> JSONText {
    if (capacity - count) * 8 > 512 + (wordsOffset + count * 8) / 8 { resize(to: count) }
    let text = JSONText(bytes: bytes, byteCount: byteCount, tape: words)
    discard self
    return text
  }

  private mutating func resize(to count: Int) {
    let base = Self.memory(realloc(bytes, wordsOffset + count * 8))
    bytes = base.assumingMemoryBound(to: UInt8.self)
    words = (base + wordsOffset).assumingMemoryBound(to: UInt64.self)
  }

  private static func memory(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer {
    guard let pointer else { preconditionFailure("out of memory") }
    return pointer
  }
}
