import Logging
import Omnibus
import OmnibusTesting
import Synchronization
import Testing

@testable import OmnibusEngine

@Suite("what reloads leave behind")
struct ReloadLeakTests {
  /// Counts how many of it there are.
  final class Counted: Transformer, Middleware {
    let alive: Counter

    final class Counter: Sendable {
      let count = Atomic<Int>(0)
    }

    init(_ alive: Counter) {
      self.alive = alive
      alive.count.add(1, ordering: .relaxed)
    }

    deinit { alive.count.subtract(1, ordering: .relaxed) }

    func transform(_ message: inout Message, _ context: Context) throws {}

    func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
      try await next(&message, context)
    }
  }

  @Test("of 200 reloads, some of them broken, nothing is left but what runs")
  func nothingIsLeft() async throws {
    let sample = Sample()
    let alive = Counted.Counter()
    let plugin = Plugin(
      name: "counted", version: "1.0.0",
      components: [
        .transformer("counted", "Is counted.", MarkOptions.self) { _, _ in Counted(alive) },
        .middleware("counted", "Is counted.", MarkOptions.self) { _, _ in Counted(alive) },
      ])
    let engine = Engine(
      plugins: [sample.plugin, plugin],
      environment: EngineEnvironment(
        reactors: Context.testing().reactors, clock: ManualClock(),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    for number in 1...200 {
      let files = RouteFiles.sample(
        text: """
          resources: { r: { counted: { text: "\(number / 3)" } } }
          routes:
          - id: a
            from: { feed: { name: "\(number % 7 == 0 ? "other" : "a")" } }
            middleware: [ { use: r } ]
            steps: [ { counted: { text: "\(number)" }, middleware: [ { counted: { text: "\(number)" } } ] } ]
          \(number % 5 == 0 ? "- { id: b, from: { fed: {} }, steps: [] }" : "")
          """)
      if number % 5 == 0 {
        await #expect(throws: Diagnostics.self) { try await engine.apply(files) }
      } else {
        _ = try await engine.apply(files)
        #expect(try await sample.send(number % 7 == 0 ? "other" : "a") == .next)
      }
    }
    #expect(try await eventually { alive.count.load(ordering: .relaxed) == 3 })
    await engine.stop(grace: .seconds(1))
    #expect(try await eventually { alive.count.load(ordering: .relaxed) == 0 })
  }
}
