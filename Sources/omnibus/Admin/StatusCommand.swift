internal import ArgumentParser
internal import Omnibus

/// `omnibus status`: how the running engine stands.
struct StatusCommand: AdminCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show how the running engine stands.",
    discussion: "The exit code is 1 where the engine or a route is not ready that should be, and 2 where none answers.")

  @OptionGroup var arguments: AdminArguments

  func run() async throws {
    let answer = try await ask(try AdminClient(arguments))
    try arguments.show(answer, text)
    guard case .bool(true)? = answer.member("ready")?.resolved else { throw ExitCode(1) }
  }

  func ask(_ client: AdminClient) async throws -> Value { try await client.get("/status") }

  func text(_ answer: Value) -> String {
    let routes = answer.member("routes")?.items ?? []
    let version = answer.member("version")?.shown ?? ""
    let letters =
      answer.member("dead_letters").map { ", \($0.shown) \($0.int == 1 ? "dead letter" : "dead letters")" } ?? ""
    let count = routes.count == 1 ? "1 route" : "\(routes.count) routes"
    let state = answer.member("ready")?.shown == "yes" ? "ready" : "not ready"
    return "omnibus \(version) is \(state): \(count)\(letters)\n" + RoutesCommand.table(routes)
  }
}
