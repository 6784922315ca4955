import Logging
import Omnibus
import OmnibusReactor

/// Sends messages through blocks of steps that do next to nothing, and through one step within each middleware, and prints
/// what a message takes, in ns, as a line of JSON each: `{"steps": "transformers", "count": 5, "ns": 91.5}`,
/// `{"middleware": "retry", "ns": 60.5}`.
@main
struct RoutingBenchmark {
  static let messages = 1_000_000
  /// So few that a rate limit lets all of them pass at once.
  static let few = 100_000
  static let rounds = 5

  static func main() async throws {
    let reactors = try ReactorGroup(count: 1)
    let context = Context(
      route: "benchmark", revision: "0", step: "0", logger: Logger(label: "benchmark"),
      clock: SystemClock(reactors: reactors), formats: Formats(), reactors: reactors, blocking: BlockingExecutor(),
      directory: ".")
    let wrapped = PassOn().wrapping(
      Handler { message, context in try await AsyncTouch().process(&message, context) })
    let kinds: [(name: String, work: Block.Stage.Work)] = [
      ("transformers", .transformer(Touch())),
      ("steps", .step(AsyncTouch())),
      ("wrapped steps", .wrapped(wrapped)),
    ]
    for (name, work) in kinds {
      for count in [0, 5, 20] {
        let stages = (0..<count).map { _ in Block.Stage(work, component: "touch", context: context) }
        // On a reactor, where routes run.
        let measured = Task.detached(executorPreference: reactors.next()) { try await time(Block(stages)) }
        let nanoseconds = try await measured.value
        print(#"{"steps": "\#(name)", "count": \#(count), "ns": \#(nanoseconds)}"#)
      }
    }
    for (name, step) in try MiddlewareSteps(context).all {
      let measured = Task.detached(executorPreference: reactors.next()) {
        try await time(Block([Block.Stage(.wrapped(step), component: "touch", context: context)]), messages: few)
      }
      let nanoseconds = try await measured.value
      print(#"{"middleware": "\#(name)", "ns": \#(nanoseconds)}"#)
    }
    reactors.stop()
  }

  /// The ns that one message takes, in the median round.
  private static func time(_ block: Block, messages: Int = messages) async throws -> Double {
    var message = Message(headers: ["content-type": "application/json"], body: .bytes(Array(#"{"a": 1}"#.utf8)))
    var rounds: [Double] = []
    for _ in 0..<Self.rounds {
      let start = MonotonicTime.now
      for _ in 0..<messages { _ = try await block.run(&message) }
      rounds.append(Double(MonotonicTime.now - start) / Double(messages))
    }
    return rounds.sorted()[rounds.count / 2]
  }
}

/// Looks at the message and changes nothing.
struct Touch: Transformer {
  func transform(_ message: inout Message, _ context: Context) throws {
    if message.headers.isEmpty { throw Failure(.invalid, "there are no headers") }
  }
}

/// Looks at the message and changes nothing, as a step that could wait.
struct AsyncTouch: Step {
  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    if message.headers.isEmpty { throw Failure(.invalid, "there are no headers") }
    return .next
  }
}

/// A middleware that only calls on.
struct PassOn: Middleware {
  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
    try await next(&message, context)
  }
}
