internal import COpenSSL

/// Bytes that are wiped when nobody needs them any more.
// @unchecked: nobody writes them after `init`.
final class SecretBytes: @unchecked Sendable {
  private let memory: UnsafeMutableRawBufferPointer

  /// As many bytes, which `fill` writes.
  init<Problem>(
    count: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) throws(Problem) -> Void
  ) throws(Problem) {
    memory = .allocate(byteCount: count, alignment: 16)
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    try fill(memory.assumingMemoryBound(to: UInt8.self))
  }

  /// Random ones.
  static func random(_ count: Int) throws(Damaged) -> SecretBytes {
    try SecretBytes(count: count) { buffer throws(Damaged) in
      guard RAND_bytes(buffer.baseAddress, Int32(count)) == 1 else { throw Damaged() }
    }
  }

  deinit {
    OPENSSL_cleanse(memory.baseAddress, memory.count)
    memory.deallocate()
  }

  /// What `body` makes of them. The pointer is not good any more after that.
  func reading<Result, Problem>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Problem) -> Result
  ) throws(Problem) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeBufferPointer(memory.assumingMemoryBound(to: UInt8.self)))
  }

  var count: Int { memory.count }
}
