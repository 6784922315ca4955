internal import ArgumentParser
internal import Omnibus

/// `omnibus breakers`: circuit breakers of the running engine.
struct BreakersCommand: AdminCommand {
  /// What a breaker is held at.
  enum Force: String, ExpressibleByArgument, CaseIterable { case open, closed, auto }

  static let configuration = CommandConfiguration(
    commandName: "breakers", abstract: "Show the circuit breakers of the running engine, or hold one open or closed.")

  @Argument(help: "The breaker; all of them unless given.") var breaker: String?
  @Option(help: "Hold it open or closed whatever happens; auto lets it go by what it sees again.") var force: Force?
  @OptionGroup var arguments: AdminArguments

  func validate() throws {
    if force != nil, breaker == nil { throw ValidationError("--force needs the name of a breaker") }
  }

  func ask(_ client: AdminClient) async throws -> Value {
    guard let breaker else { return try await client.get("/breakers") }
    let path = "/breakers/\(AdminClient.part(breaker))"
    guard let force else { return try await client.get(path) }
    return try await client.post(path + "/force", [("state", .string(force.rawValue))])
  }

  func text(_ answer: Value) -> String {
    var table = TextTable(["breaker", "state", "forced", "calls", "failures", "slow", "refused"])
    for breaker in answer.member("breakers")?.items ?? [answer] {
      table.add(
        ["name", "state", "forced", "calls", "failures", "slow", "refused"].map { breaker.member($0)?.shown ?? "" })
    }
    return table.text
  }
}
