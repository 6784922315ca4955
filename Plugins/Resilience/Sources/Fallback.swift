internal import Omnibus

/// The options of `fallback`.
struct FallbackOptions: Options {
  @Option(help: "what runs instead where it fails, on the message as it came in, with the variable failure")
  var steps: Block

  @Option(
    help: "the kinds of failures that it is for", default: "all",
    check: { $0?.contains(.cancelled) == true ? "cannot hold cancelled: such a message was given up" : nil })
  var on: [Failure.Kind]? = nil
}

/// Runs other steps where what it wraps has failed, with the message as it came in. Where they end well, so does the
/// message.
struct Fallback: Middleware {
  private let steps: Block
  private let kinds: [Failure.Kind]?

  init(_ options: FallbackOptions) {
    steps = options.steps
    kinds = options.on
  }

  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
    let original = message
    do {
      return try await next(&message, context)
    } catch {
      let failure = Failure(error)
      guard failure.kind != .cancelled, kinds?.contains(failure.kind) ?? true else { throw error }
      message = original
      return try await steps.run(handling: FailureVariable.value(of: failure), &message)
    }
  }
}
