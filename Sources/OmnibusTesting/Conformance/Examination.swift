internal import Omnibus

/// What the suites share: a component under test with where it runs, what is found, and how long anything may take.
final class Examination: Sendable {
  /// How long anything may take that should take no time; generous, as machines that run tests are busy.
  @TaskLocal static var patience = Duration.seconds(60)
  /// How often is looked whether something happened that must not happen.
  private static let looks = 25

  let subject: String
  let plugins: [Plugin]
  let clock = ManualClock()
  let log = LogRecorder()
  let context: Context
  private let findings: Recorder<Finding>

  /// An examination of the component `name` in `role`, which adds to `findings`.
  init(_ role: String, _ name: String, _ plugins: [Plugin], _ findings: Recorder<Finding>) {
    subject = "\(role) \(name)"
    self.plugins = plugins
    self.findings = findings
    context = .testing(
      step: "conformance", clock: clock, formats: Formats(plugins.flatMap(\.formats) + [.fallback]), log: log,
      directory: "/tmp", store: MemoryStore(clock: clock))
  }

  /// Makes components of the plugins, which are lent `services` of their peer beside those that all have.
  func loader(
    steps: [String: @Sendable (inout Message) async throws -> Next] = [:], services: Services = Services()
  ) -> ComponentLoader {
    ComponentLoader(plugins, context: services.isEmpty ? context : context(services), steps: steps)
  }

  /// The context with the services of a peer.
  func context(_ services: Services) -> Context {
    .testing(
      step: "conformance", clock: clock, formats: context.formats, log: log, directory: "/tmp", services: services)
  }

  /// Notes that a rule is broken unless `condition` holds; answers whether it does.
  @discardableResult
  func expect(_ condition: Bool, _ rule: Rule, _ found: @autoclosure () -> String) -> Bool {
    if !condition { findings.append(Finding(component: subject, rule: rule, found: found())) }
    return condition
  }

  /// Runs a check; what it throws breaks `works`.
  func check(_ name: String, _ body: () async throws -> Void) async {
    do {
      try await body()
    } catch let problems as Diagnostics {
      expect(false, .works, "\(name): its options are refused: \(problems.all.map(\.message))")
    } catch {
      expect(false, .works, "\(name): \(FailureText.of(error))")
    }
    expect(
      !log.lines.all.contains(where: Secret.isIn), .noPayload, "\(name): a log line with what the message holds")
  }

  /// Expects that a failure tells nothing of the message.
  func expectNoPayload(_ error: any Error, _ circumstance: String) {
    let text = FailureText.of(error)
    expect(!Secret.isIn(text), .noPayload, "\(circumstance): a failure with what the message holds")
  }

  /// Waits until `condition` holds, while time goes on by `step` with each look; answers whether it came to hold.
  func settles(step: Duration = .zero, _ condition: () async -> Bool) async -> Bool {
    // As many looks, too, as fit into half of that time: where all threads are busy, time goes on and nothing can happen.
    var looks = Self.patience / .milliseconds(40)
    let deadline = ContinuousClock.now + Self.patience
    let result = try? await eventually(within: .seconds(600)) {
      if await condition() { return true }
      if step > .zero { clock.advance(by: step) }
      looks -= 1
      return looks < 0 && ContinuousClock.now > deadline
    }
    guard result == true else { return false }
    return await condition()
  }

  /// Looks again and again for what must not happen; answers whether `condition` held all the time.
  func stays(step: Duration = .zero, _ condition: () async -> Bool) async -> Bool {
    var looks = 0
    let broken = try? await eventually(within: .seconds(600)) {
      looks += 1
      if step > .zero { clock.advance(by: step) }
      if await !condition() { return true }
      return looks >= Self.looks
    }
    guard broken == true else { return false }
    return await condition()
  }
}

/// Work in a task of its own, whose end can be looked for.
struct Work<Value: Sendable>: Sendable {
  private let results = Recorder<Result<Value, any Error>>()
  private let task: Task<Void, Never>

  init(_ body: @escaping @Sendable () async throws -> Value) {
    task = Task { [results] in
      do { results.append(.success(try await body())) } catch { results.append(.failure(error)) }
    }
  }

  /// How it ended; nil as long as it has not.
  var result: Result<Value, any Error>? { results.all.first }
  /// Whether it has ended.
  var hasEnded: Bool { result != nil }
  /// What it threw.
  var error: (any Error)? { if case .failure(let error)? = result { error } else { nil } }

  func cancel() { task.cancel() }
}

extension Format {
  /// JSON, where no plugin of the test brings it.
  static let fallback = Format(name: "json", mediaTypes: ["application/json", "+json"]) { bytes throws(Failure) in
    try JSONDocument(parsing: bytes)
  }
}
