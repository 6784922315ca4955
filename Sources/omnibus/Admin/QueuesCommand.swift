internal import ArgumentParser
internal import Omnibus

/// `omnibus queues`: queues of the running engine.
struct QueuesCommand: AdminCommand {
  static let configuration = CommandConfiguration(
    commandName: "queues", abstract: "Show the queues of the running engine, with how many messages they hold.")

  @OptionGroup var arguments: AdminArguments

  func ask(_ client: AdminClient) async throws -> Value { try await client.get("/queues") }

  func text(_ answer: Value) -> String {
    var table = TextTable(["queue", "depth", "leased", "delayed", "oldest"])
    for queue in answer.member("queues")?.items ?? [] {
      table.add(["name", "depth", "leased", "delayed", "oldest"].map { queue.member($0)?.shown ?? "" })
    }
    return table.text
  }
}
