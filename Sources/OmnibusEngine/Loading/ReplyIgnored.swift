internal import Omnibus

/// A destination whose answer is dropped: the message goes on as it was.
struct ReplyIgnored: Step {
  let step: any Step

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    var sent = message
    _ = try await step.process(&sent, context)
    return .next
  }
}
