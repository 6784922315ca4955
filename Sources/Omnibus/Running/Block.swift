/// Steps that run one after another: a route's, a branch's, those of a part. Running it is a loop; a step without
/// middleware costs one call, and a run of transformers has no suspension point in it.
public struct Block: Sendable {
  /// One step of a block, with the context that it is run in.
  public struct Stage: Sendable {
    /// How the step is run.
    public enum Work: Sendable {
      /// A step that never waits.
      case transformer(any Transformer)
      /// A step that may wait.
      case step(any Step)
      /// A step inside middleware.
      case wrapped(Handler)
    }

    let work: Work
    let component: String
    let context: Context

    /// A stage; `component` names it in failures.
    public init(_ work: Work, component: String, context: Context) {
      self.work = work
      self.component = component
      self.context = context
    }
  }

  private let stages: [Stage]

  /// The steps in `stages`, in order.
  public init(_ stages: [Stage]) { self.stages = stages }

  /// Whether there is nothing to run.
  public var isEmpty: Bool { stages.isEmpty }

  /// Runs the steps on `message` until one stops or throws. What it throws is a `Failure` that names the step.
  public func run(_ message: inout Message) async throws -> Next {
    for stage in stages {
      do {
        switch stage.work {
        case .transformer(let transformer):
          try transformer.transform(&message, stage.context)
        case .step(let step):
          if try await step.process(&message, stage.context) == .stop { return .stop }
        case .wrapped(let handler):
          if try await handler(&message, stage.context) == .stop { return .stop }
        }
      } catch {
        throw stage.failure(error)
      }
    }
    return .next
  }
}

extension Block.Stage {
  /// The error as a failure that says where it happened; a failure of an inner step keeps its place.
  fileprivate func failure(_ error: any Error) -> Failure {
    var failure = Failure(error)
    if failure.step == nil { failure.step = context.step }
    if failure.component == nil { failure.component = component }
    return failure
  }
}

extension Middleware {
  /// The handler that runs `next` inside this middleware.
  public func wrapping(_ next: @escaping Handler) -> Handler {
    { message, context in try await handle(&message, context, next: next) }
  }
}
