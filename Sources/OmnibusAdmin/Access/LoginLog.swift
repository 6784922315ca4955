internal import Logging
internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Counts those who were not let in, and logs them and those who lack a right, each with one line a second at the most:
/// who knocks often fills no disk.
final class LoginLog: Sendable {
  private static let pause = Duration.seconds(1).nanosecondsClamped

  private struct State {
    var next: UInt64 = 0
    var left = 0
  }

  private let logger: Logger
  private let clock: any EngineClock
  private let counters: [LoginRefusal: Counter]
  private let logins = Mutex(State())
  private let rights = Mutex(State())

  init(logger: Logger, clock: any EngineClock, metrics: Metrics) {
    self.logger = logger
    self.clock = clock
    counters = Dictionary(
      uniqueKeysWithValues: LoginRefusal.allCases.map { refusal in
        let counter = metrics.counter(
          "omnibus_admin_logins_refused_total", "Requests to the admin API that were not let in.",
          [("reason", refusal.rawValue)])
        return (refusal, counter)
      })
  }

  /// Somebody at `remote` was not let in. Nothing of what they brought is logged.
  func note(_ refusal: LoginRefusal, remote: SocketAddress) {
    counters[refusal]?.add()
    guard let left = turn(logins) else { return }
    var fields: Logger.Metadata = ["reason": "\(refusal.rawValue)", "remote": "\(remote.host)"]
    if left > 0 { fields["more"] = "\(left)" }
    logger.warning("admin login refused", metadata: fields)
  }

  /// `caller` at `remote` lacks the right to `action`.
  func note(_ caller: AdminCaller, lacksRightTo action: String, remote: SocketAddress) {
    guard let left = turn(rights) else { return }
    var fields: Logger.Metadata = ["caller": "\(caller.name)", "action": "\(action)", "remote": "\(remote.host)"]
    if left > 0 { fields["more"] = "\(left)" }
    logger.notice("admin request refused", metadata: fields)
  }

  /// Whether a line may be written now, and how many were left out before it.
  private func turn(_ state: borrowing Mutex<State>) -> Int? {
    let now = clock.now
    return state.withLock { state -> Int? in
      guard now >= state.next else {
        state.left += 1
        return nil
      }
      state.next = now &+ Self.pause
      defer { state.left = 0 }
      return state.left
    }
  }
}
