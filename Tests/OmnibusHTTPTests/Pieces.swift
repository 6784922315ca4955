import Synchronization

/// Gives its elements one after another.
final class Pieces: Sendable {
  private let left: Mutex<[[UInt8]]>

  init(_ pieces: [[UInt8]]) { left = Mutex(pieces.reversed()) }

  func next() -> [UInt8]? { left.withLock { $0.popLast() } }
}
