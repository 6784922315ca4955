internal import OmnibusReactor

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

  // What a message needs of each stage, side by side: taking a whole stage out of an array copies all of it, and that
  // costs more than an empty step.
  private let works: [Work]
  private let contexts: [Context]
  private let components: [String]

  /// The steps in `stages`, in order.
  public init(_ stages: [Stage]) {
    works = stages.map { Work($0.work) }
    neverWaits = works.allSatisfy(\.neverWaits)
    contexts = stages.map(\.context)
    components = stages.map(\.component)
  }

  /// Whether no step may wait, so that `runNow` can run them.
  public let neverWaits: Bool

  /// Whether there is nothing to run.
  public var isEmpty: Bool { works.isEmpty }

  /// Runs the steps on `message` until one stops or throws. What it throws is a `Failure` that names the step.
  public func run(_ message: inout Message) async throws -> Next {
    var index = 0
    do {
      while index < works.count {
        contexts[index].activity.begin()
        switch works[index] {
        case .transformer(let transformer):
          try transformer.transform(&message, contexts[index])
        case .immediate(let step):
          if try step.processNow(&message, contexts[index]) == .stop { return .stop }
        case .step(let step):
          if try await step.process(&message, contexts[index]) == .stop { return .stop }
        case .wrapped(let handler):
          if try await handler(&message, contexts[index]) == .stop { return .stop }
        }
        index += 1
      }
    } catch {
      throw failure(error, at: index)
    }
    return .next
  }

  /// Runs the steps as `run` does, without a suspension point; only for a block that never waits.
  public func runNow(_ message: inout Message) throws(Failure) -> Next {
    var index = 0
    do {
      while index < works.count {
        contexts[index].activity.begin()
        switch works[index] {
        case .transformer(let transformer):
          try transformer.transform(&message, contexts[index])
        case .immediate(let step):
          if try step.processNow(&message, contexts[index]) == .stop { return .stop }
        case .step, .wrapped:
          throw Failure(.internal, "a step that may wait was run as one that does not")
        }
        index += 1
      }
    } catch {
      throw failure(error, at: index)
    }
    return .next
  }

  /// The error as a failure that says where it happened; a failure of an inner step keeps its place.
  private func failure(_ error: any Error, at index: Int) -> Failure {
    var failure = Failure(error)
    if failure.step == nil { failure.step = contexts[index].step }
    if failure.component == nil { failure.component = components[index] }
    return failure
  }
}

extension Block {
  /// How a step is run, those told apart that never wait.
  private enum Work: Sendable {
    case transformer(any Transformer)
    case immediate(any ImmediateStep)
    case step(any Step)
    case wrapped(Handler)

    init(_ work: Stage.Work) {
      switch work {
      case .transformer(let transformer): self = .transformer(transformer)
      case .step(let step): self = if let step = step as? any ImmediateStep { .immediate(step) } else { .step(step) }
      case .wrapped(let handler): self = .wrapped(handler)
      }
    }

    var neverWaits: Bool {
      switch self {
      case .transformer, .immediate: true
      case .step, .wrapped: false
      }
    }
  }
}

extension Middleware {
  /// The handler that runs `next` inside this middleware.
  public func wrapping(_ next: @escaping Handler) -> Handler {
    { message, context in try await handle(&message, context, next: next) }
  }
}
