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

  /// Does something with each letter that is named, also where the engine refuses it for one of them; whether it refused
  /// none, and each was a success.
  func each(_ act: (_ id: String) async throws -> Bool) async throws -> Bool {
    var isSuccess = true
    for id in ids {
      do {
        if try await !act(id) { isSuccess = false }
      } catch let code as ExitCode where code == AdminClient.refused {
        isSuccess = false
      }
    }
    return isSuccess
  }

  /// Begins the job `action`, told also what `others` say, and waits for its end; ending this command leaves it running.
  func run(_ action: String, _ client: AdminClient, _ others: [(String, Value?)] = []) async throws -> Value {
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

  /// What a job came to.
  static func text(_ job: Value, done: String) -> String {
    let counts =
      "\(job.member("done")?.shown ?? "0") \(done), \(job.member("failed")?.shown ?? "0") failed again, "
      + "\(job.member("refused")?.shown ?? "0") refused"
    let reason = job.member("reason").map { "; last: \($0.shown)" } ?? ""
    return "\(job.member("phase")?.shown ?? ""): \(counts)\(reason)\n"
  }

  /// Whether all went well.
  static func isSuccess(_ job: Value) -> Bool {
    job.member("phase")?.string == "finished" && job.member("failed")?.int == 0 && job.member("refused")?.int == 0
  }
}
