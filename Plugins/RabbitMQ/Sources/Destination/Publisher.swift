internal import Logging
internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Publishes messages over a connection and a thread of its own, which begin with the first message and end when nobody
/// holds it any more.
final class Publisher: Sendable {
  private let settings: PublishSettings
  private let desk: PublishDesk
  private let logger: Logger
  private let hasThread = Mutex(false)

  /// A publisher for a place of a route.
  init(_ settings: PublishSettings, _ context: Context) throws(SystemError) {
    self.settings = settings
    logger = context.logger
    desk = try PublishDesk(timeout: settings.timeout, context.clock)
  }

  deinit { desk.end() }

  /// Whether the broker takes no messages for now.
  var isBlocked: Bool { desk.isBlocked }

  /// When a message that is sent now is given up.
  var deadline: UInt64 { desk.now &+ settings.timeout.nanosecondsClamped }

  /// Sends a message, and waits until the broker has it; answers the reply, where one is waited for.
  func publish(_ publication: Publication) async throws -> Content? {
    try startThread()
    return try await desk.publish(publication)
  }

  private func startThread() throws {
    try hasThread.withLock { hasThread in
      guard !hasThread else { return }
      // The thread holds the desk and not this object, whose end is its end.
      try OperatingSystemThread.start(named: "amqp-publish") { [settings, desk, logger] in
        PublishLoop(settings, desk, logger).run()
      }
      hasThread = true
    }
  }
}
