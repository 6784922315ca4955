public import Omnibus
public import Testing

extension Conformance {
  /// Puts the destination `name` of `plugin` through its suite. `peer` makes what it sends to: a new one for each check.
  public static func destination(
    _ name: String, of plugin: Plugin, at place: SourceLocation = #_sourceLocation,
    peer: @escaping @Sendable () async throws -> any DestinationPeer
  ) async {
    let answers = plugin.components.first { $0.name == name && $0.role == .destination }?.answers ?? false
    let suite = DestinationSuite(name: name, plugins: [plugin], answers: answers, makePeer: peer)
    report(await Turns.take { await suite.run() }, at: place)
  }
}

/// What every destination is put through.
struct DestinationSuite {
  let name: String
  let plugins: [Plugin]
  let answers: Bool
  let makePeer: @Sendable () async throws -> any DestinationPeer
  let findings = Recorder<Finding>()

  /// Runs all checks, and gives what they found.
  func run() async -> [Finding] {
    await check("messages", messages)
    guard findings.all.isEmpty else { return findings.all }
    await check("repeats", repeats)
    await check("many at once", manyAtOnce)
    for state in PeerState.allCases where state != .well && state != .hanging {
      await check("a peer that is \(state)") { try await trouble($0, state) }
    }
    await check("a peer that is hanging", hanging)
    await check("streams", streams)
    await check("broken streams", brokenStream)
    await check("large streams", largeStream)
    return findings.all
  }

  private func check(_ name: String, _ body: (Examination) async throws -> Void) async {
    let examination = Examination("destination", self.name, plugins, findings)
    await examination.check(name) { try await body(examination) }
  }

  /// The destination that sends to `peer`.
  func destination(_ peer: any DestinationPeer, _ examination: Examination) throws -> any Step {
    guard case .step(let step) = try examination.loader(services: peer.services).make(.destination, name, peer.options)
    else {
      throw Failure(.internal, "\(name) is no destination")
    }
    return step
  }

  /// Sends `body`; the result is the message afterwards, and what was thrown.
  func send(
    _ message: Message, _ step: any Step, _ examination: Examination
  ) async -> (message: Message, error: (any Error)?) {
    var message = message
    do {
      _ = try await step.process(&message, examination.context)
      return (message, nil)
    } catch {
      return (message, error)
    }
  }

  /// Bodies of all kinds, one after another.
  private func messages(_ examination: Examination) async throws {
    let document = Array("{\"patient\":\"\(Secret.text)\",\"n\":1.10}".utf8)
    let large = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    let bodies: [(String, Body, [UInt8])] = [
      ("a small body", .bytes(Secret.body(1)), Secret.body(1)), ("no body", .empty, []),
      ("every byte", .bytes(Array(0...255)), Array(0...255)), ("a body of 1 MiB", .bytes(large), large),
      ("a document", .document(try JSONDocument(parsing: document)), document),
    ]
    for (text, body, bytes) in bodies {
      let peer = try await makePeer()
      let step = try destination(peer, examination)
      let before = Secret.message(body)
      let (message, error) = await send(before, step, examination)
      guard examination.expect(error == nil, .works, "\(text): \(error.map(FailureText.of) ?? "")") else { continue }
      let arrivals = try await peer.arrivals()
      guard
        examination.expect(
          arrivals.count == 1, .returnsWhenSent,
          "\(text): process has returned, the peer has \(arrivals.count) messages")
      else { continue }
      examination.expect(
        arrivals[0].size == bytes.count && (arrivals[0].body == bytes || arrivals[0].body.isEmpty), .sent,
        "\(text): the peer has \(arrivals[0].size) other bytes, \(bytes.count) were sent")
      expectKept(message, before, text, examination)
    }
  }

  private func expectKept(_ message: Message, _ before: Message, _ text: String, _ examination: Examination) {
    let (now, then) = (MessageImage(message), MessageImage(before))
    guard answers else {
      examination.expect(now == then, .unchangedByOneWay, "\(text): \(now.differences(from: then))")
      return
    }
    let kept = now.answered(as: then, step: examination.context.step)
    examination.expect(kept == then, .keepsTheRest, "\(text): \(kept.differences(from: then))")
  }

  /// The same message twice, as after `outcome_unknown`, and another.
  private func repeats(_ examination: Examination) async throws {
    let peer = try await makePeer()
    let step = try destination(peer, examination)
    let message = Secret.message(.bytes(Secret.body(1)))
    _ = await send(message, step, examination)
    let (_, error) = await send(message, step, examination)
    if let error {
      examination.expect(!peer.takesRepeats, .works, "a message that is sent again: \(FailureText.of(error))")
      examination.expectNoPayload(error, "a message that is sent again")
      let kind = Failure(error).kind
      examination.expect(
        kind == .rejected || kind == .invalid, .documentedKind, "a message that is there already fails as \(kind)")
      examination.expect(
        try await peer.arrivals().count == 1, .nothingHalfDone, "a repeat that was refused has left something")
      return
    }
    _ = await send(Secret.message(.bytes(Secret.body(2))), step, examination)
    let keys = try await peer.arrivals().map(\.key)
    guard keys.count == 3, keys.contains(where: { $0 != nil }) else { return }
    examination.expect(
      Set(keys).count == 2 && !keys.contains(nil), .knownAgain,
      "a message that was sent twice and another have \(Set(keys).count) keys")
  }

  /// Many messages at once, each with its own body and answer.
  private func manyAtOnce(_ examination: Examination) async throws {
    let peer = try await makePeer()
    let step = try destination(peer, examination)
    let count = 32
    let (failed, mixed) = (Recorder<String>(), Recorder<Int>())
    await withDiscardingTaskGroup { group in
      for number in 0..<count {
        group.addTask {
          let (message, error) = await send(Secret.message(.bytes(Secret.body(number))), step, examination)
          if let error { return failed.append(FailureText.of(error)) }
          guard peer.echoes, answers else { return }
          if (try? await message.body.collected()) != Secret.body(number) { mixed.append(number) }
        }
      }
    }
    examination.expect(failed.all.isEmpty, .works, "\(failed.all.count) of \(count) failed: \(failed.all.first ?? "")")
    examination.expect(mixed.all.isEmpty, .notMixedUp, "\(mixed.all.count) of \(count) messages have another's answer")
    let bodies = try await peer.arrivals().map(\.body)
    examination.expect(
      bodies.count == count && Set(bodies) == Set((0..<count).map(Secret.body)), .notMixedUp,
      "\(count) were sent at once, the peer has \(bodies.count), \(Set(bodies).count) of them different")
  }
}
