internal import ArgumentParser
internal import Omnibus

/// `omnibus dead-letters list`.
struct DeadLettersListCommand: AdminCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List dead letters without their messages, oldest first.")

  @OptionGroup var filter: DeadLetterFilterArguments
  @Option(help: "The most that are listed, 1 to 500.") var limit = 50
  @Option(help: ArgumentHelp("The letter behind which the list goes on.", valueName: "id")) var after: String?
  @OptionGroup var arguments: AdminArguments

  func validate() throws {
    guard (1...500).contains(limit) else { throw ValidationError("--limit is 1 to 500") }
  }

  func ask(_ client: AdminClient) async throws -> Value {
    try await client.get("/dead-letters", try filter.members() + [("after", after), ("limit", "\(limit)")])
  }

  func text(_ answer: Value) -> String {
    var table = TextTable(["id", "route", "failed", "kind", "attempts", "bytes", "reason"])
    for letter in answer.member("dead_letters")?.items ?? [] {
      let attempts = letter.member("attempts")?.items ?? []
      let last = attempts.last
      let tries = attempts.reduce(0) { $0 + ($1.member("tries")?.int ?? 0) }
      table.add([
        letter.member("id")?.shown ?? "", letter.member("route")?.shown ?? "", last?.member("time")?.shown ?? "",
        last?.member("kind")?.shown ?? "", "\(tries)", letter.member("size")?.shown ?? "",
        last?.member("reason")?.shown ?? "",
      ])
    }
    let next = answer.member("next").map { "there may be more: --after \($0.shown)\n" } ?? ""
    return table.text + next
  }
}
