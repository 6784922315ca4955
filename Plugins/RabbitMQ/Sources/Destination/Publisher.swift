internal import Logging
internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Publishes messages over a connection and a thread of its own, which begin with the route, or else with the first message,
/// and end when nobody holds it any more.
final class Publisher: Sendable {
  private let settings: PublishSettings
  private let desk: PublishDesk
  private let clock: any EngineClock
  private let logger: Logger
  private let hasThread = Mutex(false)
  /// How its connection is.
  let condition = BrokerCondition()

  /// A publisher for a place of a route.
  init(_ settings: PublishSettings, _ context: Context) throws(SystemError) {
    self.settings = settings
    (clock, logger) = (context.clock, context.logger)
    desk = try PublishDesk(timeout: settings.timeout, context.clock)
  }

  deinit { desk.end() }

  /// When a message that is sent now is given up.
  var deadline: UInt64 { desk.now &+ settings.timeout.nanosecondsClamped }

  /// Connects, makes what is declared and checks the rest. Fails where the broker refuses any of it; where it is not there,
  /// or does not answer in time, goes on by itself.
  func prepare() async throws {
    condition.forgetRefusal()
    try startThread()
    desk.hurry()
    try await condition.expectNoRefusal(clock)
  }

  /// Sends a message, and waits until the broker has it; answers the reply, where one is waited for.
  func publish(_ publication: Publication) async throws -> Content? {
    try startThread()
    return try await desk.publish(publication)
  }

  private func startThread() throws {
    try hasThread.withLock { hasThread in
      guard !hasThread else { return }
      // The thread holds the desk and not this object, whose end is its end.
      try OperatingSystemThread.start(named: "amqp-publish") { [settings, desk, condition, logger] in
        PublishLoop(settings, desk, condition, logger).run()
      }
      hasThread = true
    }
  }
}
