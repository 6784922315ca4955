internal import CReactor
internal import Glibc
internal import OmnibusReactor

/// Takes signals as readiness of a file descriptor, signalfd(2), instead of in the middle of whatever runs.
// @unchecked: `handler` is set before the descriptor is registered, and all else is constant.
final class SignalReader: ReadinessHandler, @unchecked Sendable {
  private let descriptor: Int32
  private var handler: (@Sendable (Int32) -> Void)?

  /// Blocks `signals` in this thread and those that it starts from now on: call it before any other thread starts.
  static func block(_ signals: [Int32]) throws(SystemError) -> SignalReader {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
    let descriptor = signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
    guard descriptor >= 0 else { throw SystemError("signalfd") }
    return SignalReader(descriptor)
  }

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Calls `handler` on `reactor` with each signal that comes.
  func read(on reactor: Reactor, _ handler: @escaping @Sendable (Int32) -> Void) throws {
    self.handler = handler
    reactor.execute { [self] in
      // Without it the signals stay blocked, and only SIGKILL ends the program: better to end at once.
      do { try reactor.register(descriptor, .readable, handler: self) } catch { handler(SIGTERM) }
    }
  }

  func ready(_ readiness: Readiness) {
    var information = signalfd_siginfo()
    while Glibc.read(descriptor, &information, MemoryLayout<signalfd_siginfo>.size) > 0 {
      handler?(Int32(information.ssi_signo))
    }
  }
}
