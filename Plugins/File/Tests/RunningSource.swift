import Omnibus
import OmnibusReactor
import OmnibusTesting
import Testing

@testable import FilePlugin

/// A file source that runs until it is stopped, over a clock of the test's choice.
struct RunningSource: Sendable {
  let stop = StopSignal()
  let log = LogRecorder()
  let task: Task<Void, any Error>

  /// Starts a source over `directory` with further options; `work` gets each message.
  init(
    _ directory: String, _ options: [(Configuration, Configuration)] = [], clock: any EngineClock,
    _ work: @escaping @Sendable (Message) async throws -> Void
  ) async throws {
    var node = Configuration(stringLiteral: "").node
    let all = [("directory", Configuration(stringLiteral: directory))] + options
    node.value = .mapping(all.map { ($0.node, $1.node) })
    let context = Context.testing(clock: clock, log: log)
    let scope = LoadScope(subject: "file", context: context, builder: ComponentLoader([]))
    let decoded = try #require(FileSourceOptions.decode(node, in: scope), "\(scope.problems)")
    let source = FileSource(decoded, context)
    try await source.prepare()
    let deliver = Deliver.testing(context: context, stop: stop) { message in
      try await work(message)
      return .next
    }
    task = Task { try await source.run(deliver) }
  }

  /// Stops it, and waits for its end.
  func end() async throws {
    stop.signal()
    try await task.value
  }

  /// The messages that were logged.
  var messages: [String] { log.lines.all.map(\.message) }
}

extension SystemClock {
  /// The real time, for what the kernel tells in its own.
  static func real() throws -> SystemClock { SystemClock(reactors: try ReactorGroup(count: 1)) }
}
