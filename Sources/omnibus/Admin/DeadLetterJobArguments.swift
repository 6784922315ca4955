internal import ArgumentParser
internal import Omnibus

/// What `dead-letters replay` and `drop` take: letters by their ids, or all that a filter lets through.
struct DeadLetterJobArguments: ParsableArguments {
  @Argument(help: "The ids of the letters.") var ids: [String] = []
  @OptionGroup var filter: DeadLetterFilterArguments
  @Flag(help: "All letters.") var all = false
  @Option(help: "How many at the most, such as 10/s; as fast as they go unless given.") var rate: String?

  func validate() throws {
    let ways = [!ids.isEmpty, !filter.isEmpty, all].filter { $0 }.count
    guard ways == 1 else {
      throw ValidationError("say which: ids, or --route, --kind, --since and --before, or --all")
    }
    if rate != nil, !ids.isEmpty { throw ValidationError("--rate goes with a filter, not with ids") }
  }

  /// Does `action` with the letters that are meant: with those that are named one by one, with others by a job, whose end
  /// is waited for; ending this command leaves it running. Prints what came of it, calls those that are gone `done`, and
  /// throws where any is not.
  func run(
    _ action: String, _ done: String, _ arguments: AdminArguments, _ members: [(String, Value?)] = []
  ) async throws {
    let client = try AdminClient(arguments)
    var isSuccess = true
    for id in ids {
      do {
        let answer = try await client.post(
          "/dead-letters/\(AdminClient.part(id))/\(action)", members, timeout: .seconds(600))
        try arguments.show(answer) { Self.text(id, $0, done) }
        isSuccess = isSuccess && answer.member("outcome").map { $0.string == "delivered" } ?? true
      } catch let code as ExitCode where code == AdminClient.refused {
        // Others may not be refused.
        isSuccess = false
      }
    }
    if ids.isEmpty {
      let job = try await job(action, client, members)
      try arguments.show(job) { Self.text($0, done) }
      isSuccess = Self.isSuccess(job)
    }
    if !isSuccess { throw AdminClient.refused }
  }

  /// Begins a job, and waits for its end.
  private func job(_ action: String, _ client: AdminClient, _ others: [(String, Value?)]) async throws -> Value {
    let members = try filter.members().map { ($0.0, $0.1.map(Value.string)) }
    var job = try await client.post(
      "/dead-letters/\(action)",
      members + others + [("rate", rate.map(Value.string)), ("all", all ? .bool(true) : nil)])
    let id = AdminClient.part(job.member("id")?.shown ?? "")
    var pause = Duration.milliseconds(20)
    while job.member("phase")?.string == "running" {
      try await Task.sleep(for: pause)
      pause = min(pause * 2, .seconds(1))
      job = try await client.get("/jobs/\(id)")
    }
    return job
  }

  /// What came of one letter.
  private static func text(_ id: String, _ answer: Value, _ done: String) -> String {
    let reason = answer.member("reason").map { ": \($0.shown)" } ?? ""
    return "\(id)  \(answer.member("outcome")?.shown ?? done)\(reason)\n"
  }

  /// What a job came to.
  private static func text(_ job: Value, _ done: String) -> String {
    let counts =
      "\(job.member("done")?.shown ?? "0") \(done), \(job.member("failed")?.shown ?? "0") failed again, "
      + "\(job.member("refused")?.shown ?? "0") refused"
    let reason = job.member("reason").map { "; last: \($0.shown)" } ?? ""
    return "\(job.member("phase")?.shown ?? ""): \(counts)\(reason)\n"
  }

  /// Whether all went well.
  private static func isSuccess(_ job: Value) -> Bool {
    job.member("phase")?.string == "finished" && job.member("failed")?.int == 0 && job.member("refused")?.int == 0
  }
}
