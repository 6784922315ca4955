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
  /// `longestList`; without bodies and properties of their messages.
  public func list(
    _ filter: DeadLetterFilter = DeadLetterFilter(), after: String? = nil, limit: Int = 100
  ) async throws -> [DeadLetter] {
    try await access.store.deadLetters(filter, after: after, limit: min(max(limit, 0), Self.longestList))
  }

  /// How many letters are kept, by route.
  public func counts() async throws -> [String: Int] { try await access.store.deadLetterCounts() }

  /// A letter, nil where it is not kept. What its message holds beside headers, body and properties, comes only
  /// `withBody`, for which whoever asks needs the right.
  public func show(_ id: String, withBody: Bool = false) async throws -> DeadLetter? {
    guard var letter = try await access.store.deadLetter(id) else { return nil }
    if !withBody {
      letter.message.body = .empty
      letter.message.properties = Properties()
    }
    return letter
  }

  /// Removes letters for good, and answers how many. A letter that is being replayed stays.
  public func drop(_ selection: LetterSelection) async throws -> Int {
    let store = try access.store
    var pager = LetterPager(selection, in: store, now: environment.clock.wallTime)
    var count = 0
    while let id = try await pager.next() {
      guard replays.begin(id) else { continue }
      defer { replays.end(id) }
      if try await store.removeDeadLetter(id) { count += 1 }
    }
    environment.logger.notice("dead letters dropped", metadata: ["letters": "\(count)"])
    return count
  }

  /// Replays letters one after another, at most at `rate`, through the present revision of their routes, or only through
  /// `revision` where one is named; tells each result. Ends early when the task is cancelled or the engine stops: what
  /// it has not come to stays as it is. A letter is removed when its message was worked on, so that a crash leaves it.
  public func replay(
    _ selection: LetterSelection, rate: Rate? = nil, revision: String? = nil,
    each: @Sendable (ReplayResult) async -> Void = { _ in }
  ) async throws -> ReplaySummary {
    let store = try access.store
    let clock = environment.clock
    let stop = replays.stop
    if stop.isStopped { throw Failure.engineStops }
    var pager = LetterPager(selection, in: store, now: clock.wallTime)
    var pace = rate.map { ReplayPace($0, from: clock.now) }
    var summary = ReplaySummary()
    while let id = try await pager.next() {
      let wait = pace?.next(at: clock.now) ?? .zero
      let isOver = wait > .zero ? (try? await clock.sleep(for: wait, unless: stop)) != true : false
      guard !isOver, !stop.isStopped, !Task.isCancelled else {
        summary.isComplete = false
        break
      }
      let result = await replay(id, store, revision)
      report(result)
      summary.add(result.outcome)
      await each(result)
    }
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
      guard let letter = try await store.deadLetter(id) else {
        result.outcome = .refused("there is no such letter")
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
  /// The outcome in a word: `replayed`, `refused`, or the kind of the failure.
  fileprivate var word: String {
    switch self {
    case .replayed: "replayed"
    case .failed(let kind, _): kind.rawValue
    case .refused: "refused"
    }
  }
}
