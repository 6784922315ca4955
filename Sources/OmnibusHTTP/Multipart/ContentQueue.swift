internal import Omnibus
internal import Synchronization

/// Contents that are read one after another, by one reader.
final class ContentQueue: Sendable {
  private let left: Mutex<[HTTPClientRequest.Content]>

  /// A queue of `contents`, the first first.
  init(_ contents: [HTTPClientRequest.Content]) { left = Mutex(contents.reversed()) }

  /// The next piece; nil at the end of the last content.
  func next() async throws -> [UInt8]? {
    while let first = left.withLock({ $0.last }) {
      if case .stream(let stream) = first, let piece = try await stream.next() { return piece }
      left.withLock { _ = $0.popLast() }
      if case .bytes(let bytes) = first, !bytes.isEmpty { return bytes }
    }
    return nil
  }
}
