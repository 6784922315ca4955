public import Omnibus
public import Testing

extension Conformance {
  /// Puts the source `name` of `plugin` through its suite. `peer` makes what it takes messages from: a new one for each
  /// check, with the clock that the source goes by.
  public static func source(
    _ name: String, of plugin: Plugin, at place: SourceLocation = #_sourceLocation,
    peer: @escaping @Sendable (ManualClock) async throws -> any SourcePeer
  ) async {
    let suite = SourceSuite(name: name, plugins: [plugin], makePeer: peer)
    report(await Turns.take { await suite.run() }, at: place)
  }
}

/// What every source is put through.
struct SourceSuite {
  let name: String
  let plugins: [Plugin]
  let makePeer: @Sendable (ManualClock) async throws -> any SourcePeer
  let findings = Recorder<Finding>()

  /// Runs all checks, and gives what they found.
  func run() async -> [Finding] {
    let traits = try? await makePeer(ManualClock())
    await check("messages", messages)
    guard findings.all.isEmpty else { return findings.all }
    await check("a failing route", failingRoute)
    if traits?.sendsBodies == true {
      await check("many at once", manyAtOnce)
      await check("back-pressure", backPressure)
      await check("bodies", bodies)
      await check("reload", reload)
    }
    await check("waiting for the route", waiting)
    await check("cancel", cancel)
    await check("graceful stop", gracefulStop)
    await check("stopped from the beginning", stoppedFirst)
    await check("prepare", prepare)
    return findings.all
  }

  private func check(_ name: String, _ body: (Examination) async throws -> Void) async {
    let examination = Examination("source", self.name, plugins, findings)
    await examination.check(name) { try await body(examination) }
  }

  func start(_ examination: Examination) async throws -> SourceRun {
    try await SourceRun(name, makePeer(examination.clock), examination)
  }

  /// Single messages come through whole, one after another, and again with another source when the first has ended.
  private func messages(_ examination: Examination) async throws {
    let peer = try await makePeer(examination.clock)
    for round in 1...2 {
      let run = try await SourceRun(name, peer, examination)
      let rule = round == 1 ? Rule.works : .runsAgain
      for (index, body) in [Secret.body(round), [], Array(0...255), Array(Secret.body(9))].enumerated() {
        let message = try await run.peer.send(body)
        guard
          examination.expect(
            await run.settles { run.arrivals.all.count > index }, rule, "message \(index + 1) was not delivered")
        else { return await run.end() }
        if peer.showsOutcome { _ = await run.outcome(of: message) }
        let count = run.arrivals.all.count
        guard
          examination.expect(count == index + 1, .deliveredOnce, "\(index + 1) messages were sent, \(count) delivered")
        else { return await run.end() }
        let arrival = run.arrivals.all[index]
        if peer.sendsBodies {
          examination.expect(
            arrival.body == body, .complete, "\(body.count) bytes were sent, other \(arrival.body.count) came")
        }
        for (name, value) in peer.headers {
          examination.expect(
            arrival.headers.values(name).contains(value), .complete, "the header \(name) is missing or another")
        }
        guard peer.showsOutcome else { continue }
        let outcome = await run.outcome(of: message)
        examination.expect(outcome == .acknowledged, rule, "a message that the route took is \(outcome)")
      }
      let ids = run.arrivals.all.map(\.id)
      examination.expect(Set(ids).count == ids.count, .uniqueIDs, "\(ids.count) messages, \(Set(ids).count) ids")
      await run.end()
    }
  }

  /// Whatever the route throws refuses the message, and only that.
  private func failingRoute(_ examination: Examination) async throws {
    let run = try await start(examination)
    let outcomes: [(String, FlakyDestination.Outcome)] =
      Failure.Kind.allCases.filter { $0 != .cancelled }.map { ($0.rawValue, .fail($0)) } + [
        ("an error that is no failure", .failWith(Unexpected()))
      ]
    for (number, (text, outcome)) in outcomes.enumerated() {
      run.route.become([outcome], then: .succeed)
      let failing = try await run.peer.send(Secret.body(2 * number))
      if run.peer.showsOutcome {
        let seen = await run.outcome(of: failing)
        examination.expect(seen == .refused, .failureRefuses, "after \(text) the message is \(seen)")
      } else {
        _ = await run.settles { run.arrivals.all.count > 2 * number }
      }
      let next = try await run.peer.send(Secret.body(2 * number + 1))
      let arrived = await run.settles { run.arrivals.all.count > 2 * number + 1 }
      guard examination.expect(arrived, .failureIsNoEnd, "after \(text) no message comes any more") else { break }
      if run.peer.showsOutcome {
        let seen = await run.outcome(of: next)
        examination.expect(seen == .acknowledged, .failureIsNoEnd, "after \(text) the next message is \(seen)")
      }
    }
    examination.expect(!run.hasEnded, .failureIsNoEnd, "run has ended")
    await run.end()
  }

  /// A source that gets the stop signal before it runs.
  private func stoppedFirst(_ examination: Examination) async throws {
    let peer = try await makePeer(examination.clock)
    let run = try await SourceRun(name, peer, examination, stopped: true)
    await run.end()
  }
}

/// An error of a route that is no `Failure`.
private struct Unexpected: Error {}
