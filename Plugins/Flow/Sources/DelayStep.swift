internal import Omnibus

/// The options of `delay`.
struct DelayOptions: Options {
  @Option(help: "how long to wait", name: "for") var time: Duration
}

/// Waits, without holding anything but the message.
struct DelayStep: Step {
  let time: Duration

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    try await context.clock.sleep(for: time)
    return .next
  }
}
