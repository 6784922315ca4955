/// A checksum of the checksums of parts, whose sizes are known: that of objects that were uploaded in parts (Amazon S3 User
/// Guide, "Composite checksums").
struct PartsCheck {
  private let algorithm: ObjectChecksum
  private var sizes: ArraySlice<Int>
  private var part: RunningChecksum
  private var left: Int
  private var sums: [UInt8] = []

  /// The check over parts of these sizes, in their order; nil where there are none.
  init?(_ algorithm: ObjectChecksum, sizes: [Int]) {
    guard let first = sizes.first else { return nil }
    self.algorithm = algorithm
    self.sizes = sizes.dropFirst()
    left = first
    part = algorithm.running
  }

  /// Adds the next bytes; those behind the last part are in none.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty {
      if left == 0 {
        guard let size = sizes.popFirst() else { return }
        sums += part.finish()
        part = algorithm.running
        left = size
      }
      let piece = rest.prefix(left)
      part.update(UnsafeRawBufferPointer(rebasing: piece))
      rest = rest.dropFirst(piece.count)
      left -= piece.count
    }
  }

  /// The value; once.
  mutating func finish() -> [UInt8] {
    sums += part.finish()
    var whole = algorithm.running
    sums.withUnsafeBytes { whole.update($0) }
    return whole.finish()
  }
}
