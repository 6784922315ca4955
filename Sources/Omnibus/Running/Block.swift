internal import OmnibusReactor

/// Steps that run one after another: a route's, a branch's, those of a part. Running it is a loop; a step without
/// middleware costs one call, and a run of transformers has no suspension point in it.
public struct Block: Sendable {
  /// Where the work of a stage stands.
  enum Place {
    case transformer(Int)
    case immediate(Int)
    case step(Int)
    case handler(Int)
    /// Not a stage: what decodes a large body for the step behind it, which may wait and reads it.
    case decoding
  }

  /// What is trivial to copy of a stage.
  struct Entry {
    let place: Place
    let mark: Activity.Mark
  }

  // What a message needs of each stage, in an array for each kind: to take a stage, or an enum that holds any kind of
  // work, out of an array is to copy it, and that costs as much as an empty step.
  let plan: [Entry]
  let transformers: [any Transformer]
  let immediates: [any ImmediateStep]
  let steps: [any Step]
  let handlers: [Handler]
  let contexts: [Context]
  private let components: [String]
  let meters: [StepMeters]
  let endsOneWay: Bool

  /// The steps in `stages`, in order.
  public init(_ stages: [Stage]) {
    var places: [(place: Place, stage: Stage)] = []
    var transformers: [any Transformer] = []
    var immediates: [any ImmediateStep] = []
    var steps: [any Step] = []
    var handlers: [Handler] = []
    for stage in stages {
      func add(_ place: Place) { places.append((place, stage)) }
      switch stage.work {
      case .transformer(let transformer):
        add(.transformer(transformers.count))
        transformers.append(transformer)
      case .step(let step as any ImmediateStep):
        add(.immediate(immediates.count))
        immediates.append(step)
      case .step(let step):
        if stage.readsBody { add(.decoding) }
        add(.step(steps.count))
        steps.append(step)
      case .wrapped(let handler):
        if stage.readsBody { add(.decoding) }
        add(.handler(handlers.count))
        handlers.append(handler)
      }
    }
    plan = places.map { Entry(place: $0.place, mark: $0.stage.context.activity.mark) }
    self.transformers = transformers
    self.immediates = immediates
    self.steps = steps
    self.handlers = handlers
    contexts = places.map(\.stage.context)
    components = places.map(\.stage.component)
    meters = places.map { StepMeters($0.stage) }
    endsOneWay = stages.last?.isOneWay ?? false
  }

  /// Whether there is nothing to run.
  public var isEmpty: Bool { plan.isEmpty }

  /// Whether no step may wait, so that `runNow` can run them.
  public var neverWaits: Bool { steps.isEmpty && handlers.isEmpty }

  /// Runs the steps on `message` until one stops or throws. What it throws is a `Failure` that names the step. Of what
  /// the steps answer, other than `stop`, that of the last one counts. Steps that never wait work on a large body on a
  /// thread for what blocks, not on the reactor.
  public func run(_ message: inout Message) async throws -> Next {
    guard message.watch.isEmpty else { return try await runWatched(&message) }
    var index = 0
    var next = Next.next
    do {
      while index < plan.count {
        let entry = plan[index]
        entry.mark.begin()
        switch entry.place {
        case .transformer, .immediate:
          if message.body.isLarge {
            let outcome: Result<Next, any Error>
            (outcome, index) = try await runAside(&message, from: index)
            next = try outcome.get()
          } else {
            next = try runReady(&message, &index)
          }
          if next == .stop { return .stop }
          continue
        case .step(let place): next = try await steps[place].process(&message, contexts[index])
        case .handler(let place): next = try await handlers[place](&message, contexts[index])
        case .decoding: try await message.decodeAside(contexts[index])
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
    guard message.watch.isEmpty else { return try runWatchedNow(&message) }
    var index = 0
    let next: Next
    do {
      next = try runReady(&message, &index)
      guard next == .stop || index == plan.count else {
        throw Failure(.internal, "a step that may wait was run as one that does not")
      }
    } catch {
      throw failure(error, at: index)
    }
    return next == .stop ? .stop : endsOneWay ? .done : next
  }

  /// Runs the steps from `index` on that never wait, up to one that may wait, stops or throws, at which `index` is left.
  @inline(__always)
  private func runReady(_ message: inout Message, _ index: inout Int) throws -> Next {
    var next = Next.next
    while index < plan.count {
      let entry = plan[index]
      switch entry.place {
      case .transformer(let place):
        entry.mark.begin()
        try transformers[place].transform(&message, contexts[index])
        next = .next
      case .immediate(let place):
        entry.mark.begin()
        next = try immediates[place].processNow(&message, contexts[index])
      case .step, .handler, .decoding: return next
      }
      if next == .stop { return .stop }
      index += 1
    }
    return next
  }

  /// As `runReady`, on a thread for what blocks; where it was left comes with what it came to.
  private func runAside(
    _ message: inout Message, from first: Int
  ) async throws -> (outcome: Result<Next, any Error>, index: Int) {
    try await message.aside(contexts[first]) { message in
      var index = first
      let outcome = Result { try runReady(&message, &index) }
      return (outcome, index)
    }
  }

  /// The error as a failure that says where it happened; a failure of an inner step keeps its place.
  func failure(_ error: any Error, at index: Int) -> Failure {
    var failure = Failure(error)
    if failure.step == nil {
      failure.step = contexts[index].step
      meters[index].fail(failure.kind)
    }
    if failure.component == nil { failure.component = components[index] }
    return failure
  }
}

extension Middleware {
  /// The handler that runs `next` inside this middleware.
  public func wrapping(_ next: Handler) -> Handler {
    Handler { message, context in try await handle(&message, context, next: next) }
  }
}
