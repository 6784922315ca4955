internal import Omnibus

/// A source that runs for one check: its peer, its route, and the messages that came through.
final class SourceRun: Sendable {
  /// One message as the route got it.
  struct Arrival: Sendable {
    var id: MessageID
    var headers: Headers
    var body: [UInt8]
  }

  let peer: any SourcePeer
  let examination: Examination
  let route: FlakyDestination
  let arrivals: Recorder<Arrival>
  let isFedByRoutes: Bool
  private let stopSignal = StopSignal()
  private let ready = StopSignal()
  private let work: Work<Void>

  /// Prepares and starts a source with the peer's options, whose route is `route`.
  /// `read` gets each message instead of `arrivals`, where it is given.
  init(
    _ name: String, _ peer: any SourcePeer, _ examination: Examination, stopped: Bool = false,
    read: (@Sendable (Message) async throws -> Void)? = nil
  ) async throws {
    let source = try examination.source(name, peer.options, peer.services)
    try await source.prepare()
    let route = FlakyDestination()
    let arrivals = Recorder<Arrival>()
    if stopped { stopSignal.signal() }
    let deliver = Deliver.testing(
      context: examination.context, stop: stopSignal, ready: { [ready] in ready.signal() }
    ) { message in
      if let read {
        try await read(message)
      } else {
        let body = try await message.body.collected()
        arrivals.append(Arrival(id: message.id, headers: message.headers, body: body))
      }
      // What was read is no reply.
      if case .stream = message.body { message.body = .empty }
      return try await route.process(&message, examination.context)
    }
    work = Work { try await source.run(deliver) }
    (self.peer, self.examination, self.route, self.arrivals) = (peer, examination, route, arrivals)
    isFedByRoutes = source.isFedByRoutes
    guard !stopped else { return }
    examination.expect(await settles { ready.isStopped }, .ready, "not called within \(Examination.patience)")
  }

  /// Whether `run` has returned or thrown.
  var hasEnded: Bool { work.hasEnded }
  /// What `run` threw.
  var error: (any Error)? { work.error }

  func stop() { stopSignal.signal() }
  func cancel() { work.cancel() }

  /// Waits while time goes on.
  func settles(_ condition: () async -> Bool) async -> Bool {
    await examination.settles(step: peer.step, condition)
  }

  /// Waits until the message has an outcome, and tells it.
  func outcome(of message: SentMessage) async -> SentMessage.Outcome {
    _ = await settles { await message.outcome() != .pending }
    return await message.outcome()
  }

  /// Waits until so many messages are under way.
  func isUnderWay(_ count: Int = 1) async -> Bool { await settles { self.route.underWay >= count } }

  /// Stops the source, and expects that it ends.
  func end() async {
    route.become(then: .succeed)
    stop()
    let ended = await settles { self.hasEnded }
    examination.expect(ended, .stopsWhenIdle, "run has not returned within \(Examination.patience) of the signal")
    if !ended { cancel() }
    if let error { examination.expect(error is CancellationError, .works, "run threw \(FailureText.of(error))") }
  }
}

extension Examination {
  /// The source `name` with `options`.
  func source(_ name: String, _ options: Configuration, _ services: Services) throws -> any Source {
    guard case .source(let source) = try loader(services: services).make(.source, name, options) else {
      throw Failure(.internal, "\(name) is no source")
    }
    return source
  }
}

extension Body {
  /// All bytes; a stream is read.
  func collected() async throws -> [UInt8] {
    switch self {
    case .empty: []
    case .bytes(let bytes): bytes
    case .document(let document): try document.serialize()
    case .stream(let stream): try await stream.collect(limit: 1 << 30)
    }
  }
}
