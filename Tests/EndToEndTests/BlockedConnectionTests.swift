import Omnibus
import OmnibusEngine
import OmnibusStore
import OmnibusTesting
import Testing

@Suite("connections whose peer takes no messages")
struct BlockedConnectionTests {
  private static let blocked = "to: { blocked: {} }"

  @Test(
    "those that all messages come to hold the source, those of a branch or of what failed do not",
    arguments: [
      ("steps: [ { \(blocked) } ]", true),
      ("steps: [ { filter: size(body) > 0 }, { \(blocked) } ]", true),
      ("steps: [ { \(blocked), middleware: [ { timeout: 1s } ] } ]", true),
      ("steps: [ { do: { steps: [ { \(blocked) } ] } } ]", true),
      ("steps: [ { split: { each: \"[1]\", steps: [ { do: { steps: [ { \(blocked) } ] } } ] } } ]", true),
      ("steps: [ { do: { steps: [], on_failure: [ { \(blocked) } ] } } ]", false),
      ("steps: [ { do: { steps: [], on_failure: [ { do: { steps: [ { \(blocked) } ] } } ] } } ]", false),
      ("steps: [ { split: { each: \"[1]\", steps: [], on_failure: [ { \(blocked) } ] } } ]", false),
      ("steps: [ { choice: [ { when: 1 > 2, steps: [ { \(blocked) } ] } ] } ]", false),
      ("steps: [ { choice: [ { when: 1 > 2, steps: [] }, { otherwise: [ { \(blocked) } ] } ] } ]", false),
      ("middleware: [ { dead_letter: { \(blocked) } } ], steps: []", false),
      ("steps: [ { stop: {}, middleware: [ { fallback: { steps: [ { \(blocked) } ] } } ] } ]", false),
    ])
  func held(route: String, isHeld: Bool) async throws {
    let store = MemoryStore()
    let engine = try Engine.testing(StoreAccess(store), plugins: [BlockedStep.plugin])
    try await engine.apply("routes: [ { id: a, from: { queue: { name: in } }, \(route) } ]")
    try await store.append(QueueEntry(Message(body: .bytes([1]))), to: "in")
    if isHeld {
      #expect(try await eventually { await engine.status().first?.pausedBy == ["blocked"] })
      #expect(try await store.status(of: "in")?.depth == 1)
    } else {
      #expect(try await eventually { try await store.status(of: "in")?.depth == 0 })
      #expect(await engine.status().first?.pausedBy == [])
    }
    // Whoever comes there has to wait, so that is said in any case.
    #expect(await engine.status().first?.notReady?.hasPrefix("blocked (step ") == true)
    await engine.stop(grace: .zero)
  }
}

/// A step whose peer takes no messages.
private struct BlockedStep: ConnectedStep {
  static var plugin: Plugin {
    Plugin(
      name: "blocked", version: "1.0.0",
      components: [
        .destination("blocked", "Takes no messages.", NoOptions.self, answers: false) { _, _ in BlockedStep() }
      ])
  }

  var condition: ConnectionCondition { .blocked(Failure(.unavailable, "it is full")) }

  func prepare() async throws {}
  func onBlock(_ body: @escaping @Sendable () -> Void) -> Int { 0 }
  func removeObserver(_ number: Int) {}
  func process(_ message: inout Message, _ context: Context) async throws -> Next { .next }
}
