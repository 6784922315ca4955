internal import ArgumentParser
internal import Omnibus
internal import OmnibusEngine

/// `omnibus log-level`: what the running engine logs.
struct LogLevelCommand: AdminCommand {
  static let configuration = CommandConfiguration(
    commandName: "log-level", abstract: "Show or change the least level that the running engine logs.",
    discussion: "It holds until log.level of the configuration changes, or the engine ends.")

  @Argument(help: "trace, debug, info, notice, warning, error or critical; shown unless given.") var level: String?
  @OptionGroup var arguments: AdminArguments

  func validate() throws {
    guard let level, EngineLogOptions.Level(rawValue: level) == nil else { return }
    throw ValidationError("there is no level \"\(level)\"")
  }

  func ask(_ client: AdminClient) async throws -> Value {
    guard let level else { return try await client.get("/log-level") }
    return try await client.post("/log-level", [("level", .string(level))])
  }

  func text(_ answer: Value) -> String { (answer.member("level")?.shown ?? "") + "\n" }
}
