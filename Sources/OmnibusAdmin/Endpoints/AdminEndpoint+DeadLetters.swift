internal import Omnibus
internal import OmnibusEngine
internal import OmnibusStore

extension AdminEndpoint {
  private static let filter = [
    AdminField("route", .text(maxLength: 512), "only those of this route"),
    AdminField("kind", .words(Failure.Kind.allCases.map(\.rawValue)), "only those whose last failure is of this kind"),
    AdminField("since", .time, "only those that failed last at this time or later"),
    AdminField("before", .time, "only those that failed last before this time"),
  ]

  private static let paging = [
    AdminField("after", .text(maxLength: 512), "the id behind which the list goes on"),
    AdminField("limit", .number(1...500), "the most that are listed, 50 unless given"),
  ]

  private static let revision = AdminField(
    "revision", .text(maxLength: 64), "only through this revision of the route; whichever runs unless given")

  /// Messages that failed, one at a time.
  static func deadLetters(_ operations: AdminOperations) -> [AdminEndpoint] {
    @Sendable func letter(_ id: String, withBody: Bool = false) async throws -> DeadLetter {
      guard let letter = try await operations.deadLetters().show(id, withBody: withBody) else {
        throw AdminProblem.unknown("dead letter")
      }
      return letter
    }
    return [
      AdminEndpoint(
        "GET", "/dead-letters", "dead-letters", "Dead letters without their messages, oldest first.", .viewMetadata,
        query: filter + paging,
        answer: .object([("dead_letters", .list(.deadLetter)), ("next", .string)], optional: ["next"])
      ) { request in
        let limit = request.query.number("limit") ?? 50
        let letters = try await operations.deadLetters().list(
          DeadLetterFilter(request.query), after: request.query.text("after"), limit: limit)
        var members: [(String, Value)] = [("dead_letters", .list(letters.map(\.value)))]
        if letters.count == limit, let last = letters.last { members.append(("next", .string(last.id))) }
        return AdminAnswer(members)
      },
      AdminEndpoint(
        "GET", "/dead-letters/{letter}", "dead-letter", "A dead letter without its message.", .viewMetadata,
        answer: .deadLetter
      ) { request in AdminAnswer(try await letter(request.target).value) },
      AdminEndpoint(
        "GET", "/dead-letters/{letter}/headers", "dead-letter-headers", "The headers of a dead letter's message.",
        .viewBody,
        answer: .object([("headers", .list(.object([("name", .string), ("value", .string)])))])
      ) { request in
        let headers = try await letter(request.target).message.headers
        let values = headers.map { Value.map(ValueMap([("name", .string($0.name)), ("value", .string($0.value))])) }
        return AdminAnswer([("headers", .list(values))])
      },
      AdminEndpoint(
        "GET", "/dead-letters/{letter}/body", "dead-letter-body", "The body of a dead letter's message, as it came in.",
        .viewBody, produces: "application/octet-stream"
      ) { request in
        switch try await letter(request.target, withBody: true).message.body {
        case .empty: return AdminAnswer(bytes: [])
        case .bytes(let bytes): return AdminAnswer(bytes: bytes)
        case .document(let document): return AdminAnswer(bytes: try document.serialize())
        case .stream: throw Failure(.internal, "the stored body is a stream")
        }
      },
      AdminEndpoint(
        "POST", "/dead-letters/{letter}/replay", "replay-dead-letter",
        "Sends the message of a dead letter through its route again, and waits for what comes of it.", .replay,
        body: [revision], answer: ReplayResult.schema
      ) { request in
        _ = try await letter(request.target)
        let result = try await operations.deadLetters().replay(
          request.target, revision: request.body.text(revision.name))
        return AdminAnswer(result.value, outcome: result.word)
      },
      AdminEndpoint(
        "POST", "/dead-letters/{letter}/drop", "drop-dead-letter", "Removes a dead letter, for good.", .operate,
        answer: .object([("dropped", .boolean)])
      ) { request in
        _ = try await letter(request.target)
        guard try await operations.deadLetters().drop(request.target) else {
          throw Failure(.rejected, "the letter is being replayed, or is gone")
        }
        return AdminAnswer([("dropped", .bool(true))])
      },
    ]
  }

  /// The same with all that a filter lets through, as jobs.
  static func deadLetterJobs(_ operations: AdminOperations, _ jobs: AdminJobs) -> [AdminEndpoint] {
    let all = AdminField("all", .flag, "true where all dead letters are meant, and there is no filter")
    let rate = AdminField("rate", .rate, "how many at the most, such as 10/s; as fast as they go unless given")
    /// The letters that are meant; to mean all of them takes a word.
    @Sendable func letters(_ request: AdminRequest) throws(AdminProblem) -> DeadLetterFilter {
      let filter = DeadLetterFilter(request.body)
      guard (filter == DeadLetterFilter()) == request.body.flag(all.name) else {
        throw .invalid("either a filter is given, or all is true")
      }
      return filter
    }
    /// Begins a job where the store can be used.
    @Sendable func start(_ action: String, _ request: AdminRequest, _ work: @escaping AdminJobs.Work) throws
      -> AdminAnswer
    {
      _ = try operations.store()
      let job = try jobs.start(action, by: request.caller, work)
      return AdminAnswer(job.value, status: 202, outcome: "job \(job.id)")
    }
    return [
      AdminEndpoint(
        "POST", "/dead-letters/replay", "replay-dead-letters",
        "Begins a job that sends messages of dead letters through their routes again.", .replay,
        body: filter + [all, rate, revision], answer: AdminJob.schema
      ) { request in
        let letters = try letters(request)
        let (rate, revision) = (request.body.rate(rate.name), request.body.text(revision.name))
        return try start("replay", request) { progress in
          try await operations.deadLetters().replay(letters, rate: rate, revision: revision, progress: progress)
        }
      },
      AdminEndpoint(
        "POST", "/dead-letters/drop", "drop-dead-letters", "Begins a job that removes dead letters, for good.",
        .operate,
        body: filter + [all, rate], answer: AdminJob.schema
      ) { request in
        let letters = try letters(request)
        let rate = request.body.rate(rate.name)
        return try start("drop", request) { progress in
          try await operations.deadLetters().drop(letters, rate: rate, progress: progress)
        }
      },
      AdminEndpoint(
        "GET", "/jobs", "jobs", "The jobs that run, and those that have ended.", .viewMetadata,
        answer: .object([("jobs", .list(AdminJob.schema))])
      ) { _ in AdminAnswer([("jobs", .list(jobs.all.map(\.value)))]) },
      AdminEndpoint(
        "GET", "/jobs/{job}", "job", "How a job stands.", .viewMetadata, answer: AdminJob.schema
      ) { request in AdminAnswer(try jobs.job(request.target).value) },
      AdminEndpoint(
        "POST", "/jobs/{job}/cancel", "cancel-job",
        "Lets a job end after the letter that it is at, and does not wait for that.",
        .operate,
        answer: AdminJob.schema
      ) { request in AdminAnswer(try jobs.cancel(request.target).value) },
    ]
  }
}

extension DeadLetterFilter {
  fileprivate init(_ arguments: AdminArguments) {
    self.init(
      route: arguments.text("route"), kind: arguments.text("kind").flatMap(Failure.Kind.init),
      since: arguments.time("since"), before: arguments.time("before"))
  }
}

extension ReplayResult {
  fileprivate static let schema = AdminSchema.object(
    [("outcome", .words(["delivered", "failed", "refused"])), ("reason", .string), ("revision", .string)],
    optional: ["reason", "revision"])

  fileprivate var word: String {
    switch outcome {
    case .replayed: "delivered"
    case .failed: "failed"
    case .refused: "refused"
    }
  }

  /// As the API shows it.
  fileprivate var value: Value {
    var members = ValueMap([("outcome", .string(word))])
    switch outcome {
    case .replayed: break
    case .failed(_, let reason), .refused(let reason): members["reason"] = .string(reason)
    }
    members["revision"] = revision.map(Value.string)
    return .map(members)
  }
}
