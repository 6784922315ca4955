internal import Omnibus

/// What came of an answer that is streamed and was not read yet: little, as more is not taken from the peer.
final class ReplyBuffer {
  typealias Reader = UnsafeContinuation<Result<[UInt8]?, Failure>, Never>

  /// Bytes that are held before the peer has to wait.
  private static let limit = 256 << 10

  private var bytes: [UInt8] = []
  private var reader: Reader?
  private var end: Result<[UInt8]?, Failure>?

  /// Takes the next bytes; false when they have to come again once something was read.
  func take(_ new: UnsafeBufferPointer<UInt8>) -> Bool {
    if let reader {
      self.reader = nil
      reader.resume(returning: .success(Array(new)))
      return true
    }
    guard bytes.count < Self.limit else { return false }
    bytes.append(contentsOf: new)
    return true
  }

  /// Gives all that is there, or waits for more; there is one reader at a time.
  func read(_ reader: Reader) {
    if !bytes.isEmpty {
      reader.resume(returning: .success(bytes))
      bytes = []
    } else if let end {
      reader.resume(returning: end)
    } else {
      self.reader?.resume(returning: .failure(Failure(.internal, "two tasks read one body")))
      self.reader = reader
    }
  }

  /// Nothing more comes, or the answer broke off.
  func end(_ failure: Failure?) {
    let end: Result<[UInt8]?, Failure> = failure.map { .failure($0) } ?? .success(nil)
    self.end = end
    reader?.resume(returning: end)
    reader = nil
  }
}
