internal import Dispatch
internal import Foundation
internal import Glibc
internal import Synchronization

/// What a program writes, read as it comes by a thread of its own.
final class ProgramOutput: Sendable {
  private let bytes = Mutex<[UInt8]>([])
  private let whole = DispatchGroup()

  /// Reads `descriptor` to its end, and closes it.
  init(_ descriptor: Int32) {
    whole.enter()
    Thread.detachNewThread { [self] in
      var piece = [UInt8](repeating: 0, count: 64 << 10)
      while case let count = read(descriptor, &piece, piece.count), count > 0 || (count < 0 && errno == EINTR) {
        bytes.withLock { $0 += piece[..<max(count, 0)] }
      }
      close(descriptor)
      whole.leave()
    }
  }

  /// All so far.
  var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

  /// Whether nothing more can come.
  var isWhole: Bool { whole.wait(timeout: .now()) == .success }

  /// Blocks until nothing more can come, or that time is over.
  func waitUntilWhole(seconds: Int) { _ = whole.wait(timeout: .now() + .seconds(seconds)) }
}
