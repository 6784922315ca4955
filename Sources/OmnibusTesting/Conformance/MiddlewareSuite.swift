public import Omnibus
public import Testing

extension Conformance {
  /// Puts the middleware `name` of `plugin` through its suite. `calls` is how often `next` is called at the most where it
  /// always fails with a kind; `atOnce` is how many messages may be within it at once, nil for any number; `givesUp` is
  /// whether it fails by itself as `timeout` where what it calls takes too long; `handlesFailures` is whether it succeeds
  /// where what it calls has failed.
  public static func middleware(
    _ name: String, of plugin: Plugin, options: Configuration = [:], atOnce: Int? = nil, givesUp: Bool = false,
    handlesFailures: Bool = false, at place: SourceLocation = #_sourceLocation,
    calls: @escaping @Sendable (Failure.Kind) -> Int = { _ in 1 }
  ) async {
    var suite = MiddlewareSuite(name: name, plugins: [plugin], options: options, calls: calls)
    suite.atOnce = atOnce
    suite.givesUp = givesUp
    suite.handlesFailures = handlesFailures
    report(await Turns.take { await suite.run() }, at: place)
  }
}

/// What every middleware is put through.
struct MiddlewareSuite {
  let name: String
  let plugins: [Plugin]
  let options: Configuration
  let calls: @Sendable (Failure.Kind) -> Int
  var atOnce: Int?
  var givesUp = false
  var handlesFailures = false
  let findings = Recorder<Finding>()

  /// Runs all checks, and gives what they found.
  func run() async -> [Finding] {
    await check("success", success)
    guard findings.all.isEmpty else { return findings.all }
    await check("failures", failures)
    await check("the original", original)
    await check("cancel", cancel)
    await check("cancel while it waits", cancelWaiting)
    await check("many at once", manyAtOnce)
    await check("permits", permits)
    await check("admission", admission)
    await check("nested", nested)
    await check("around routes and steps", around)
    return findings.all
  }

  private func check(_ name: String, _ body: (Examination) async throws -> Void) async {
    let examination = Examination("middleware", self.name, plugins, findings)
    await examination.check(name) { try await body(examination) }
  }

  /// The middleware, with what it calls.
  struct Subject: Sendable {
    let inner = FlakyDestination()
    let middleware: any Middleware
    let examination: Examination

    /// Hands a message to the middleware, in a task of its own.
    func start(_ message: Message, calling next: Handler.Body? = nil) -> Work<(message: Message, next: Next)> {
      Work { [self] in
        var message = message
        let next = try await middleware.handle(
          &message, examination.context, next: next.map(Handler.init) ?? inner.handler)
        return (message, next)
      }
    }

    /// The result of a message. Time goes on when what is called has come to an end and the middleware has not, or, where
    /// it `hangs`, when it was called. Nil where the result never comes.
    func result(
      of message: Message, hangs: Bool = false, calling next: Handler.Body? = nil
    ) async -> Result<(message: Message, next: Next), any Error>? {
      let before = inner.received.all.count
      let work = start(message, calling: next)
      let ended = await examination.settles {
        if work.hasEnded { return true }
        let isCalled = inner.received.all.count > before
        if isCalled, hangs || inner.underWay == 0 { examination.clock.advance(by: .seconds(1)) }
        return false
      }
      if !ended { work.cancel() }
      return work.result
    }

    /// Expects that no timer is left.
    func expectNoTimer(_ circumstance: String) {
      let timers = examination.clock.timers
      examination.expect(timers == 0, .noTimerLeft, "\(timers) after \(circumstance)")
    }
  }

  func subject(_ examination: Examination) throws -> Subject {
    guard case .middleware(let middleware) = try examination.loader().make(.middleware, name, options) else {
      throw Failure(.internal, "\(name) is no middleware")
    }
    return Subject(middleware: middleware, examination: examination)
  }

  /// What does nothing wrong, while time stands still.
  private func success(_ examination: Examination) async throws {
    let subject = try subject(examination)
    let message = Secret.message(.bytes(Secret.body(1)))
    for (number, next) in [Next.next, .stop, .done].enumerated() {
      let work = subject.start(message) { message, context in
        _ = try await subject.inner.process(&message, context)
        message.headers["x-within"] = "1"
        return next
      }
      _ = await examination.settles { work.hasEnded }
      guard
        examination.expect(
          work.hasEnded, .noTimerLeft, "a message without any trouble has no result while the clock stands still"),
        case .success(let result)? = work.result
      else {
        examination.expect(false, .works, "a message without any trouble: \(work.error.map(FailureText.of) ?? "")")
        return work.cancel()
      }
      examination.expect(result.next == next, .passesResult, "\(next) became \(result.next)")
      examination.expect(
        result.message.headers["x-within"] == "1", .passesResult, "what next made of the message is lost")
      let calls = subject.inner.received.all
      examination.expect(calls.count == number + 1, .callsNext, "next was called \(calls.count - number) times")
      let (seen, sent) = (calls.last.map { MessageImage($0) }, MessageImage(message))
      examination.expect(seen == sent, .callsNext, "within it, \(seen?.differences(from: sent) ?? "nothing came")")
      subject.expectNoTimer("a success")
    }
  }

  /// What always fails, with every kind.
  private func failures(_ examination: Examination) async throws {
    let subject = try subject(examination)
    for kind in Failure.Kind.allCases {
      let before = subject.inner.received.all.count
      subject.inner.become(then: .fail(kind))
      let result = await subject.result(of: Secret.message(.bytes(Secret.body(1))))
      let count = subject.inner.received.all.count - before
      examination.expect(
        count <= max(calls(kind), 1), .callsAsDocumented,
        "next was called \(count) times for \(kind.rawValue), expected at most \(calls(kind))")
      subject.expectNoTimer("a failure")
      guard case .failure(let error)? = result else {
        examination.expect(
          handlesFailures && result != nil, .passesKind, "\(kind.rawValue) became a success, or nothing")
        continue
      }
      let seen = Failure(error).kind
      examination.expect(seen == kind, .passesKind, "\(kind.rawValue) became \(seen.rawValue)")
      examination.expectNoPayload(error, "a failure")
    }
  }

  /// What changes the message before it fails.
  private func original(_ examination: Examination) async throws {
    let subject = try subject(examination)
    let message = Secret.message(.bytes(Secret.body(1)))
    for kind in Failure.Kind.allCases where calls(kind) > 1 {
      let before = subject.inner.received.all.count
      _ = await subject.result(of: message) { message, context in
        _ = try await subject.inner.process(&message, context)
        message.body = .bytes(Array("changed".utf8))
        message.headers["x-within"] = "1"
        message.properties["within"] = .bool(true)
        throw Failure(kind, "the test wants it so")
      }
      let calls = subject.inner.received.all.dropFirst(before)
      examination.expect(
        calls.count == self.calls(kind), .callsAsDocumented,
        "next was called \(calls.count) times for \(kind.rawValue), expected \(self.calls(kind))")
      for call in calls {
        let (seen, sent) = (MessageImage(call), MessageImage(message))
        guard examination.expect(seen == sent, .sameOriginal, seen.differences(from: sent)) else { return }
      }
    }
  }
}
