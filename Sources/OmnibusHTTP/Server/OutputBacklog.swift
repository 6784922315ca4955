/// What is to be written and was not taken by the system yet.
struct OutputBacklog {
  private(set) var bytes: [UInt8] = []
  /// Where in `bytes` that begins.
  private(set) var start = 0

  var isEmpty: Bool { start == bytes.count }

  /// Adds what of `first` and then `second` follows the first `from` bytes. Where it can, it keeps `second` itself
  /// instead of a copy.
  mutating func add(_ first: UnsafeRawBufferPointer, _ second: [UInt8], from: Int) {
    if isEmpty, from >= first.count {
      bytes = second
      start = from - first.count
      return
    }
    bytes.append(contentsOf: first.dropFirst(from))
    bytes.append(contentsOf: second.dropFirst(max(0, from - first.count)))
  }

  /// Takes off what was written.
  mutating func remove(_ count: Int) {
    start += count
    if isEmpty {
      bytes = []
      start = 0
    }
  }
}
