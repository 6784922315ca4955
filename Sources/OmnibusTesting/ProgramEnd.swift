internal import Dispatch
internal import Foundation
internal import Glibc
internal import Synchronization

/// How a program ended, once it has. A thread of its own waits for that, and nobody else does.
final class ProgramEnd: Sendable {
  private let id: pid_t
  private let ending = Mutex<Int32?>(nil)
  private let ended = DispatchGroup()

  /// Waits for the end of the process with that number, a child of this one.
  init(of id: pid_t) {
    self.id = id
    ended.enter()
    Thread.detachNewThread { [self] in
      // It keeps its number until nobody sends a signal any more, which would else reach another process.
      var information = siginfo_t()
      while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
      ending.withLock { $0 = reap() }
      ended.leave()
    }
  }

  /// Its exit code, or 128 and the number of the signal that ended it; nil while it runs.
  var code: Int32? { ending.withLock { $0 } }

  /// Sends it a signal, where it has not ended.
  func signal(_ number: Int32) {
    ending.withLock { code in
      if code == nil { kill(id, number) }
    }
  }

  /// Blocks until it has ended, and answers its `code`.
  func wait() -> Int32 {
    ended.wait()
    return code ?? -1
  }

  private func reap() -> Int32 {
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0 {
      guard errno == EINTR else { return -1 }
    }
    // As wait(2) has it, whose macros Swift does not see.
    return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
  }
}
