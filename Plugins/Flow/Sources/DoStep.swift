internal import Omnibus

/// The options of `do`.
struct DoOptions: Options {
  @Option(help: "what to run") var steps: MainSteps
  @Option(help: "what to run where one of them fails, with the variable failure", default: "none")
  var onFailure: Block? = nil
}

/// Runs steps as one, so that middleware can hold them all. Where one fails, those of `on_failure` get the message as
/// that step left it, and have handled the failure unless they fail themselves. A message that was given up is not
/// theirs to handle.
struct DoStep: Step {
  private let steps: Block
  private let onFailure: Block?

  init(_ options: DoOptions) {
    steps = options.steps.block
    onFailure = options.onFailure
  }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    guard let onFailure else { return try await steps.run(&message) }
    do {
      return try await steps.run(&message)
    } catch {
      let failure = Failure(error)
      if failure.kind == .cancelled { throw failure }
      return try await onFailure.run(handling: FailureVariable.value(of: failure), &message)
    }
  }
}
