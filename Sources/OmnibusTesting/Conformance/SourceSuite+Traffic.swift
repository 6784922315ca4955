internal import Omnibus

extension SourceSuite {
  /// Many senders at once, some of whose messages fail.
  func manyAtOnce(_ examination: Examination) async throws {
    let run = try await start(examination)
    let count = 24
    run.route.become((0..<count).map { $0 % 4 == 3 ? .fail(.unavailable) : .succeed }, then: .succeed)
    let sent = try await withThrowingTaskGroup(of: SentMessage.self) { group in
      for number in 0..<count { group.addTask { try await run.peer.send(Secret.body(number)) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    var outcomes: [SentMessage.Outcome] = []
    for message in sent { outcomes.append(await run.peer.showsOutcome ? run.outcome(of: message) : .pending) }
    _ = await run.settles { run.arrivals.all.count >= count }
    _ = await examination.stays(step: run.peer.step) { run.arrivals.all.count <= count }
    let bodies = run.arrivals.all.map(\.body)
    examination.expect(
      Set(bodies).count == count && bodies.count == count, .deliveredOnce,
      "\(count) messages were sent, \(bodies.count) delivered, \(Set(bodies).count) of them different")
    if run.peer.showsOutcome {
      let failed = outcomes.filter { $0 == .refused }.count
      examination.expect(
        failed == count / 4 && !outcomes.contains(.pending), .deliveredOnce,
        "\(count / 4) of \(count) messages failed, \(failed) were refused")
    }
    await run.end()
  }

  /// Messages of which none ends.
  func backPressure(_ examination: Examination) async throws {
    let run = try await start(examination)
    let release = StopSignal()
    run.route.become(then: .wait(release))
    let count = 40
    let sent = try await withThrowingTaskGroup(of: SentMessage.self) { group in
      for number in 0..<count { group.addTask { try await run.peer.send(Secret.body(number)) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let most = min(run.peer.mostUnderWay ?? count, count)
    examination.expect(await run.isUnderWay(), .works, "a message was not delivered")
    let stayed = await examination.stays(step: run.peer.step) { run.route.underWay <= most }
    examination.expect(
      stayed, .backPressure, "\(run.route.mostUnderWay) messages were under way, expected at most \(most)")
    release.signal()
    for message in sent where run.peer.showsOutcome {
      let outcome = await run.outcome(of: message)
      guard examination.expect(outcome == .acknowledged, .deliveredOnce, "a message that had to wait is \(outcome)")
      else {
        break
      }
    }
    await run.end()
  }

  /// Large bodies, one that is too large, and one that is a stream.
  func bodies(_ examination: Examination) async throws {
    let run = try await start(examination)
    let size = min(run.peer.largestBody ?? 1 << 20, 1 << 20)
    let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    let large = try await run.peer.send(body)
    _ = await run.settles { run.arrivals.all.count > 0 }
    examination.expect(run.arrivals.all.first?.body == body, .complete, "of a body of \(size) bytes came another")
    if run.peer.showsOutcome { _ = await run.outcome(of: large) }
    if let limit = run.peer.largestBody {
      let before = run.arrivals.all.count
      let message = try await run.peer.send([UInt8](repeating: 0x20, count: limit + 1))
      let outcome = run.peer.showsOutcome ? await run.outcome(of: message) : .refused
      examination.expect(outcome == .refused, .boundedBody, "a body of \(limit + 1) bytes is \(outcome)")
      examination.expect(run.arrivals.all.count == before, .boundedBody, "a body of \(limit + 1) bytes was handed on")
    }
    await run.end()
    try await stream(examination)
  }

  /// A body that is larger than what may be held, measured up to three times: what others of the process take at the same
  /// time is no growth of this source, and does not come three times.
  private func stream(_ examination: Examination) async throws {
    let count = 96 << 20
    let bound = 32 << 20
    var growth = Int.max
    for _ in 1...3 where growth > bound {
      let peer = try await makePeer(examination.clock)
      let reading = StreamReading()
      let run = try await SourceRun(name, peer, examination) { try await reading.read($0) }
      guard let message = try await peer.send(streamOf: count) else { return await run.end() }
      _ = await run.settles { reading.ended.all.count > 0 }
      let outcome = await run.outcome(of: message)
      await run.end()
      let read = reading.ended.all.first ?? 0
      guard
        examination.expect(
          outcome == .acknowledged && read >= count, .streamed, "of \(count) bytes came \(read), and it is \(outcome)")
      else { return }
      growth = reading.gauge.growth
    }
    examination.expect(growth <= bound, .streamed, "\(growth) bytes more of memory, expected at most \(bound)")
  }
}

/// Reads streams and throws what is read away.
private final class StreamReading: Sendable {
  let gauge = MemoryGauge()
  let ended = Recorder<Int>()

  func read(_ message: Message) async throws {
    guard case .stream(let stream) = message.body else {
      throw Failure(.internal, "the body is no stream")
    }
    try stream.claim()
    var count = 0
    var looked = 0
    while let piece = try await stream.next() {
      count += piece.count
      if count - looked > 1 << 20 {
        gauge.look()
        looked = count
      }
    }
    ended.append(count)
  }
}
