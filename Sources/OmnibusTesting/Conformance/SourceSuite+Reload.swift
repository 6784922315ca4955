internal import Logging
internal import Omnibus
internal import OmnibusEngine

extension SourceSuite {
  /// Routes that are applied again and again while messages come in: with other steps, so that the source stays, and under
  /// another id, so that a new source with the same options takes over.
  func reload(_ examination: Examination) async throws {
    let peer = try await makePeer(examination.clock)
    let arrivals = Recorder<[UInt8]>()
    let engine = Engine(
      plugins: plugins + [.reloaded(arrivals)],
      environment: EngineEnvironment(
        reactors: examination.context.reactors, blocking: examination.context.blocking, clock: examination.clock,
        logger: examination.context.logger, services: peer.services))
    _ = try await engine.apply(files(peer, id: "a", revision: 0), grace: .seconds(1_000_000))
    let (senders, each) = (3, 16)
    let outcomes = Recorder<SentMessage.Outcome>()
    let traffic = Work {
      try await withThrowingDiscardingTaskGroup { group in
        for sender in 0..<senders {
          group.addTask {
            for number in 0..<each {
              let message = try await peer.send(Secret.body(sender * each + number))
              _ = await examination.settles(step: peer.step) { await message.outcome() != .pending }
              outcomes.append(await peer.showsOutcome ? message.outcome() : .acknowledged)
            }
          }
        }
      }
    }
    for revision in 1...12 {
      let files = files(peer, id: revision % 3 == 0 ? "b" : "a", revision: revision)
      _ = try await engine.apply(files, grace: .seconds(1_000_000))
      let seen = arrivals.all.count
      _ = await examination.settles(step: peer.step) { traffic.hasEnded || arrivals.all.count > seen + 1 }
    }
    _ = await examination.settles(step: peer.step) { traffic.hasEnded }
    if let error = traffic.error { throw error }
    let count = senders * each
    _ = await examination.settles(step: peer.step) { arrivals.all.count >= count }
    _ = await examination.stays(step: peer.step) { arrivals.all.count <= count }
    let bodies = arrivals.all
    let different = Set(bodies).count
    examination.expect(different == count, .reloadLosesNothing, "\(count) were sent, \(different) delivered")
    examination.expect(
      bodies.count == different, .reloadDoublesNothing, "\(bodies.count - different) were delivered again")
    let acknowledged = outcomes.all.filter { $0 == .acknowledged }.count
    examination.expect(
      acknowledged == count, .reloadRefusesNothing, "\(count) were sent, \(acknowledged) acknowledged")
    let stopped = Work { await engine.stop(grace: .seconds(1_000_000)) }
    let ended = await examination.settles { stopped.hasEnded }
    examination.expect(ended, .stopsWhenIdle, "the engine has not stopped")
  }

  private func files(_ peer: any SourcePeer, id: String, revision: Int) -> RouteFiles {
    let route: Configuration = [
      "routes": [
        [
          "id": "\(id)", "from": Configuration(entries: [(name, peer.options)]),
          "steps": [["conformance_arrival": ["revision": Configuration(integerLiteral: revision)]]],
        ]
      ]
    ]
    return RouteFiles([.init(path: "/tmp/conformance.yaml", bytes: Array(route.yaml.utf8))])
  }
}

extension Plugin {
  /// The step that the routes of the suite consist of.
  fileprivate static func reloaded(_ arrivals: Recorder<[UInt8]>) -> Plugin {
    Plugin(
      name: "conformance", version: "1.0.0",
      components: [
        .step("conformance_arrival", "Keeps what came.", RevisionOptions.self) { _, _ in ArrivalStep(arrivals: arrivals)
        }
      ])
  }
}

/// What makes one revision another than the last.
private struct RevisionOptions: Options {
  @Option(help: "which apply it is of") var revision: Int
}

private struct ArrivalStep: Step {
  let arrivals: Recorder<[UInt8]>

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    arrivals.append(try await message.body.collected())
    if case .stream = message.body { message.body = .empty }
    // A message is under way for a while, so that an apply can come in between.
    await Task.yield()
    return .next
  }
}

extension Configuration {
  /// The configuration as a YAML text, in flow style (yaml.org/spec/1.2.2, 7.4).
  var yaml: String { Self.text(node) }

  private static func text(_ node: Node) -> String {
    switch node.value {
    case .scalar(let text, let plain): plain && text.utf8.allSatisfy(isPlain) ? text : quoted(text)
    case .sequence(let nodes): "[" + nodes.map(text).joined(separator: ", ") + "]"
    case .mapping(let entries):
      "{" + entries.map { "\(text($0.key)): \(text($0.value))" }.joined(separator: ", ") + "}"
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "."): true
    default: false
    }
  }

  /// Between double quotes, whose escapes are those of JSON.
  private static func quoted(_ text: String) -> String {
    // Strings can always be written.
    (try? Omnibus.Value.string(text).jsonBytes()).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }
}
