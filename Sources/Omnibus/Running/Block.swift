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
    let isOneWay: Bool

    /// A stage; `component` names it in failures. One that `isOneWay` leaves nothing to reply with when it is the last.
    public init(_ work: Work, component: String, context: Context, isOneWay: Bool = false) {
      self.work = work
      self.component = component
      self.context = context
      self.isOneWay = isOneWay
    }
  }

  /// Where the work of a stage stands.
  private enum Place {
    case transformer(Int)
    case immediate(Int)
    case step(Int)
    case handler(Int)
  }

  /// What is trivial to copy of a stage.
  private struct Entry {
    let place: Place
    let mark: Activity.Mark
  }

  // What a message needs of each stage, in an array for each kind: to take a stage, or an enum that holds any kind of
  // work, out of an array is to copy it, and that costs as much as an empty step.
  private let plan: [Entry]
  private let transformers: [any Transformer]
  private let immediates: [any ImmediateStep]
  private let steps: [any Step]
  private let handlers: [Handler]
  private let contexts: [Context]
  private let components: [String]
  private let endsOneWay: Bool

  /// The steps in `stages`, in order.
  public init(_ stages: [Stage]) {
    var places: [Place] = []
    var transformers: [any Transformer] = []
    var immediates: [any ImmediateStep] = []
    var steps: [any Step] = []
    var handlers: [Handler] = []
    for stage in stages {
      switch stage.work {
      case .transformer(let transformer):
        places.append(.transformer(transformers.count))
        transformers.append(transformer)
      case .step(let step as any ImmediateStep):
        places.append(.immediate(immediates.count))
        immediates.append(step)
      case .step(let step):
        places.append(.step(steps.count))
        steps.append(step)
      case .wrapped(let handler):
        places.append(.handler(handlers.count))
        handlers.append(handler)
      }
    }
    plan = zip(places, stages).map { Entry(place: $0, mark: $1.context.activity.mark) }
    self.transformers = transformers
    self.immediates = immediates
    self.steps = steps
    self.handlers = handlers
    contexts = stages.map(\.context)
    components = stages.map(\.component)
    endsOneWay = stages.last?.isOneWay ?? false
  }

  /// Whether there is nothing to run.
  public var isEmpty: Bool { plan.isEmpty }

  /// Whether no step may wait, so that `runNow` can run them.
  public var neverWaits: Bool { steps.isEmpty && handlers.isEmpty }

  /// Runs the steps on `message` until one stops or throws. What it throws is a `Failure` that names the step. Of what
  /// the steps answer, other than `stop`, that of the last one counts.
  public func run(_ message: inout Message) async throws -> Next {
    var index = 0
    var next = Next.next
    do {
      while index < plan.count {
        let entry = plan[index]
        entry.mark.begin()
        switch entry.place {
        case .transformer(let place):
          try transformers[place].transform(&message, contexts[index])
          next = .next
        case .immediate(let place): next = try immediates[place].processNow(&message, contexts[index])
        case .step(let place): next = try await steps[place].process(&message, contexts[index])
        case .handler(let place): next = try await handlers[place](&message, contexts[index])
        }
        if next == .stop { return .stop }
        index += 1
      }
    } catch {
      throw failure(error, at: index)
    }
    return endsOneWay ? .done : next
  }

  /// Runs the steps as `run` does, without a suspension point; only for a block that never waits.
  public func runNow(_ message: inout Message) throws(Failure) -> Next {
    var index = 0
    var next = Next.next
    do {
      while index < plan.count {
        let entry = plan[index]
        entry.mark.begin()
        switch entry.place {
        case .transformer(let place):
          try transformers[place].transform(&message, contexts[index])
          next = .next
        case .immediate(let place): next = try immediates[place].processNow(&message, contexts[index])
        case .step, .handler: throw Failure(.internal, "a step that may wait was run as one that does not")
        }
        if next == .stop { return .stop }
        index += 1
      }
    } catch {
      throw failure(error, at: index)
    }
    return endsOneWay ? .done : next
  }

  /// The error as a failure that says where it happened; a failure of an inner step keeps its place.
  private func failure(_ error: any Error, at index: Int) -> Failure {
    var failure = Failure(error)
    if failure.step == nil { failure.step = contexts[index].step }
    if failure.component == nil { failure.component = components[index] }
    return failure
  }
}

extension Middleware {
  /// The handler that runs `next` inside this middleware.
  public func wrapping(_ next: @escaping Handler) -> Handler {
    { message, context in try await handle(&message, context, next: next) }
  }
}
