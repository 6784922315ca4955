internal import Omnibus
internal import OmnibusExpression

/// The options of `fail`.
struct FailOptions: Options {
  @Option(
    help: "what sort of failure it is", default: "rejected, in on_failure that of the failure at hand",
    check: { $0 == .cancelled ? "cannot be cancelled, which the engine alone says" : nil })
  var kind: Failure.Kind? = nil

  @Option(help: "why it fails", default: "in on_failure the reason of the failure at hand")
  var reason: TextTemplate? = nil
}

/// Fails the message. Within `on_failure` what is not written is taken from the failure at hand, so that `fail: {}`
/// hands that on.
struct FailStep: Transformer {
  private let kind: Failure.Kind?
  private let reason: TextTemplate?

  init(_ options: FailOptions) {
    kind = options.kind
    reason = options.reason
  }

  func transform(_ message: inout Message, _ context: Context) throws {
    let present = FailureVariable.present(in: message)
    var failure = present ?? Failure(.rejected, "the route refused the message")
    if let kind { failure.kind = kind }
    if let reason {
      failure.reason = try reason.evaluate(&message, context)
      failure.reasonIsOfMessage = reason.constant == nil
      failure.step = nil
      failure.component = nil
    }
    throw failure
  }
}
