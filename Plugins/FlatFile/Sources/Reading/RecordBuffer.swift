import Glibc

/// The piece of a file that is worked on: bytes from `start` to before `end`, and sixteen zero bytes behind them.
struct RecordBuffer: ~Copyable {
  private(set) var bytes: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// Where the next record starts.
  var start = 0
  /// Where the bytes that were read end.
  private(set) var end = 0
  /// Whether nothing comes after `end`.
  private(set) var isComplete = false

  init() {
    capacity = 64 << 10
    bytes = .allocate(capacity: capacity)
    bytes.update(repeating: 0, count: 16)
  }

  deinit { bytes.deallocate() }

  /// How many bytes have not been worked on.
  var count: Int { end - start }

  /// Takes bytes in after the others; what was worked on makes room.
  mutating func append(_ piece: UnsafeBufferPointer<UInt8>) {
    guard let source = piece.baseAddress else { return }
    if start > 0 {
      memmove(bytes, bytes + start, count)
      end -= start
      start = 0
    }
    if end + piece.count + 16 > capacity {
      capacity = max(capacity * 2, end + piece.count + 16)
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
      larger.update(from: bytes, count: end)
      bytes.deallocate()
      bytes = larger
    }
    memcpy(bytes + end, source, piece.count)
    end += piece.count
    memset(bytes + end, 0, 16)
  }

  /// Says that nothing comes any more.
  mutating func complete() { isComplete = true }

  /// A copy of bytes in it.
  func copy(from start: Int, to end: Int) -> [UInt8] {
    Array(UnsafeBufferPointer(start: bytes + start, count: end - start))
  }
}
