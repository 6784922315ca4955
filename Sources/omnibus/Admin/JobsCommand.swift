internal import ArgumentParser
internal import Omnibus

/// `omnibus jobs`: what the engine does after whoever began it was answered.
struct JobsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "Show and end the replays and drops of many dead letters.",
    subcommands: [List.self, Cancel.self], defaultSubcommand: List.self)

  /// `omnibus jobs list`.
  struct List: AdminCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Show the jobs that run, and the last that have ended.")

    @OptionGroup var arguments: AdminArguments

    func ask(_ client: AdminClient) async throws -> Value { try await client.get("/jobs") }

    func text(_ answer: Value) -> String { JobsCommand.table(answer.member("jobs")?.items ?? []) }
  }

  /// `omnibus jobs cancel`.
  struct Cancel: AdminCommand {
    static let configuration = CommandConfiguration(
      commandName: "cancel", abstract: "Let a job end after the letter that it is at, without waiting for that.")

    @Argument(help: "The id of the job.") var id: String
    @OptionGroup var arguments: AdminArguments

    func ask(_ client: AdminClient) async throws -> Value {
      try await client.post("/jobs/\(AdminClient.part(id))/cancel")
    }

    func text(_ answer: Value) -> String { JobsCommand.table([answer]) }
  }

  private static func table(_ jobs: [Value]) -> String {
    let columns = ["action", "by", "started", "phase", "done", "failed", "refused", "reason"]
    var table = TextTable(["job"] + columns)
    for job in jobs { table.add((["id"] + columns).map { job.member($0)?.shown ?? "" }) }
    return table.text
  }
}
