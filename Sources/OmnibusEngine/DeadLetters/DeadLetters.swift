internal import Logging
public import Omnibus
public import OmnibusStore

/// The dead letters of an engine: to be looked at, replayed and dropped.
public struct DeadLetters: Sendable {
  /// Runs a message through the present revision of a route. Before it does, it calls `begin` of the message's replay; a
  /// failure before that says that the route is gone, or of another revision than the one that is asked for.
  public typealias Delivering =
    @Sendable (
      _ message: inout Message, _ route: String, _ revision: String?
    ) async throws -> Next

  /// How many letters a list holds at the most.
  public static let longestList = 1000

  private let access: StoreAccess
  private let environment: EngineEnvironment
  private let replays: Replays
  private let deliver: Delivering

  /// The letters in the store that `access` leads to; `replays` are those of the engine.
  init(_ access: StoreAccess, _ environment: EngineEnvironment, _ replays: Replays, deliver: @escaping Delivering) {
    self.access = access
    self.environment = environment
    self.replays = replays
    self.deliver = deliver
  }

  /// The letters that `filter` lets through, oldest first, from behind the id `after`, at most `limit` and
  /// `longestList`; without bodies and properties of their messages. None where nothing works on the store.
  public func list(
    _ filter: DeadLetterFilter = DeadLetterFilter(), after: String? = nil, limit: Int = 100
  ) async throws -> [DeadLetter] {
    let limit = min(max(limit, 0), Self.longestList)
    return try await access.present?.deadLetters(filter, after: after, limit: limit) ?? []
  }

  /// How many letters are kept, by route.
  public func counts() async throws -> [String: Int] { try await access.present?.deadLetterCounts() ?? [:] }

  /// A letter, nil where it is not kept. Body and properties of its message come only `withBody`, for which whoever asks
  /// needs the right, and are not even read without.
  public func show(_ id: String, withBody: Bool = false) async throws -> DeadLetter? {
    try await access.present?.deadLetter(id, withBody: withBody)
  }

  /// Removes a letter for good; false where it is not kept, or is being replayed.
  public func drop(_ id: String) async throws -> Bool {
    guard let store = try access.present, replays.begin(id) else { return false }
    defer { replays.end(id) }
    guard try await store.removeDeadLetter(id) else { return false }
    environment.logger.notice("dead letter dropped", metadata: ["letter": "\(id)"])
    return true
  }

  /// Removes all letters that `filter` lets through when it begins, oldest first, at most at `rate`; tells after each how
  /// far it is. A letter that is being replayed stays. Ends early when the task is cancelled or the engine stops.
  public func drop(
    _ filter: DeadLetterFilter, rate: Rate? = nil, progress: @Sendable (LetterSummary) -> Void = { _ in }
  ) async throws -> LetterSummary {
    try await walk(filter, rate, progress) { id, _, summary in
      if try await drop(id) {
        summary.done += 1
      } else {
        summary.add(.refused("the letter is being replayed, or is gone"))
      }
    }
  }

  /// Replays a letter through the present revision of its route, or only through `revision` where one is named. It is
  /// removed when its message was worked on, so that a crash leaves it.
  public func replay(_ id: String, revision: String? = nil) async throws -> ReplayResult {
    if replays.stop.isStopped { throw Failure.engineStops }
    guard let store = try access.present else {
      return ReplayResult(letter: id, route: nil, revision: nil, outcome: .noSuchLetter)
    }
    let result = await replay(id, store, revision)
    report(result)
    return result
  }

  /// Replays all letters that `filter` lets through when it begins, oldest first, one after another, at most at `rate`;
  /// tells after each how far it is. Ends early when the task is cancelled or the engine stops: what it has not come to
  /// stays as it is.
  public func replay(
    _ filter: DeadLetterFilter, rate: Rate? = nil, revision: String? = nil,
    progress: @Sendable (LetterSummary) -> Void = { _ in }
  ) async throws -> LetterSummary {
    if replays.stop.isStopped { throw Failure.engineStops }
    return try await walk(filter, rate, progress) { id, store, summary in
      let result = await replay(id, store, revision)
      report(result)
      summary.add(result.outcome)
    }
  }

  private func walk(
    _ filter: DeadLetterFilter, _ rate: Rate?, _ progress: @Sendable (LetterSummary) -> Void,
    _ act: (_ id: String, _ store: any DeadLetterStore, _ summary: inout LetterSummary) async throws -> Void
  ) async throws -> LetterSummary {
    var summary = LetterSummary()
    guard let store = try access.present else { return summary }
    var walk = LetterWalk(filter, rate, in: store, clock: environment.clock, stop: replays.stop)
    while let id = try await walk.next() {
      try await act(id, store, &summary)
      progress(summary)
    }
    summary.isComplete = !walk.isGivenUp
    return summary
  }

  private func replay(_ id: String, _ store: any DeadLetterStore, _ revision: String?) async -> ReplayResult {
    var result = ReplayResult(letter: id, route: nil, revision: nil, outcome: .replayed)
    guard replays.begin(id) else {
      result.outcome = .refused("the letter is being replayed or dropped already")
      return result
    }
    defer { replays.end(id) }
    do {
      guard let letter = try await store.deadLetter(id, withBody: true) else {
        result.outcome = .noSuchLetter
        return result
      }
      result.route = letter.route
      try await replay(letter, store, revision, &result)
    } catch {
      let failure = Failure(error)
      result.outcome = .failed(failure.kind, reason: failure.loggedReason)
    }
    return result
  }

  private func replay(
    _ letter: DeadLetter, _ store: any DeadLetterStore, _ revision: String?, _ result: inout ReplayResult
  ) async throws {
    let replay = Replay(letter: letter.id, message: letter.message.id, route: letter.route, entry: letter.entry)
    var message = letter.message
    message.delivery = Delivery(attempt: letter.attempts.count + 1, received: letter.received, replay: replay)
    do {
      _ = try await deliver(&message, letter.route, revision)
      result.revision = replay.revision
    } catch {
      let failure = Failure(error)
      result.revision = replay.revision
      guard let revision = replay.revision else {
        result.outcome = .refused(failure.reason)
        return
      }
      if failure.kind != .cancelled { try await add(failure, on: revision, to: letter, store) }
      throw failure
    }
    _ = try await store.removeDeadLetter(letter)
  }

  /// Adds a failed attempt to a letter; one that was given up is none.
  private func add(
    _ failure: Failure, on revision: String, to letter: DeadLetter, _ store: any DeadLetterStore
  ) async throws {
    var again = letter
    again.attempts = [
      DeadLetter.Attempt(
        failure, revision: revision, tries: failure.attempts, time: environment.clock.wallTime)
    ]
    do {
      try await store.keep(again)
    } catch {
      let trouble = Failure(error)
      environment.logger.error(
        "a failed replay cannot be noted", metadata: ["letter": "\(letter.id)", "trouble": "\(trouble.kind.rawValue)"])
    }
  }

  private func report(_ result: ReplayResult) {
    environment.logger.info(
      "dead letter replayed",
      metadata: [
        "letter": "\(result.letter)", "route": "\(result.route ?? "")", "revision": "\(result.revision ?? "")",
        "outcome": "\(result.outcome.word)",
      ])
    environment.metrics.counter(
      "omnibus_dead_letters_replayed_total", "Replays of dead letters, by how they ended.",
      [("route", result.route ?? ""), ("outcome", result.outcome.word)]
    ).add()
  }
}

extension ReplayResult.Outcome {
  fileprivate static let noSuchLetter = Self.refused("there is no such letter")

  /// The outcome in a word: `replayed`, `refused`, or the kind of the failure.
  fileprivate var word: String {
    switch self {
    case .replayed: "replayed"
    case .failed(let kind, _): kind.rawValue
    case .refused: "refused"
    }
  }
}
