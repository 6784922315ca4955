internal import CReactor
internal import Glibc
internal import OmnibusReactor

/// Takes signals as readiness of a file descriptor instead of in the middle of whatever runs.
// @unchecked: `handler` is set before the descriptor is registered, and all else is constant.
final class SignalReader: ReadinessHandler, @unchecked Sendable {
  private let descriptor: Int32
  private var handler: (@Sendable (Int32) -> Void)?

  /// Catches SIGTERM, SIGINT and SIGHUP from now on; made once in a process.
  init() throws(SystemError) {
    let signals = [SIGTERM, SIGINT, SIGHUP]
    descriptor = omnibus_signals_open(signals, Int32(signals.count))
    guard descriptor >= 0 else { throw SystemError("sigaction") }
  }

  /// Calls `handler` on `reactor` with each signal that came, and each that comes.
  func read(on reactor: Reactor, _ handler: @escaping @Sendable (Int32) -> Void) {
    self.handler = handler
    reactor.execute { [self] in
      // A program that cannot be told to stop had better end at once.
      do { try reactor.register(descriptor, .readable, handler: self) } catch { handler(SIGTERM) }
    }
  }

  func ready(_ readiness: Readiness) {
    var signal: UInt8 = 0
    while Glibc.read(descriptor, &signal, 1) == 1 { handler?(Int32(signal)) }
  }
}
