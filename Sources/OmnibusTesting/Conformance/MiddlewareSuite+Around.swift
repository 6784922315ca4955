internal import Omnibus
internal import OmnibusEngine

extension MiddlewareSuite {
  /// What became of one kind of failure.
  private struct Seen: Equatable {
    var kind: Failure.Kind?
    var calls: Int
  }

  /// The same middleware around a step, and around the whole route, in an engine.
  func around(_ examination: Examination) async throws {
    let seen = try await [true, false].asyncMap { try await run(examination, isAroundRoute: $0) }
    for (kind, (route, step)) in zip(Failure.Kind.allCases, zip(seen[0], seen[1])) {
      examination.expect(
        route == step, .sameAround,
        "\(kind.rawValue): \(route.calls) calls around a route and \(step.calls) around a step")
    }
  }

  private func run(_ examination: Examination, isAroundRoute: Bool) async throws -> [Seen] {
    let memory = MemorySystem()
    let engine = Engine(
      plugins: plugins + [memory.plugin],
      environment: EngineEnvironment(
        reactors: examination.context.reactors, blocking: examination.context.blocking, clock: examination.clock,
        logger: examination.context.logger, services: examination.context.services))
    let middleware: (String, Configuration) = ("middleware", [Configuration(entries: [(name, options)])])
    let step: [(String, Configuration)] = [("to", ["memory": ["name": "out"]])]
    let route: [(String, Configuration)] = [
      ("id", "around"), ("from", ["memory": ["name": "in"]]),
      ("steps", [Configuration(entries: step + (isAroundRoute ? [] : [middleware]))]),
    ]
    let routes: Configuration = ["routes": [Configuration(entries: route + (isAroundRoute ? [middleware] : []))]]
    let file = RouteFiles.File(path: "/tmp/conformance.yaml", bytes: Array(routes.yaml.utf8))
    _ = try await engine.apply(RouteFiles([file]))
    let seen = await Failure.Kind.allCases.asyncMap { await failing($0, memory, examination) }
    await engine.stop(grace: .seconds(1_000_000))
    return seen
  }

  private func failing(_ kind: Failure.Kind, _ memory: MemorySystem, _ examination: Examination) async -> Seen {
    let out = memory.destination("out")
    let before = out.received.all.count
    out.become(then: .fail(kind))
    let work = Work { try await memory.send(Secret.message(.bytes(Secret.body(1))), to: "in") }
    let ended = await examination.settles {
      if work.hasEnded { return true }
      if out.received.all.count > before, out.underWay == 0 { examination.clock.advance(by: .seconds(1)) }
      return false
    }
    if !ended { work.cancel() }
    return Seen(kind: work.error.map { Failure($0).kind }, calls: out.received.all.count - before)
  }
}

extension Sequence {
  /// The results of `body` for the elements, one after another.
  fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}
