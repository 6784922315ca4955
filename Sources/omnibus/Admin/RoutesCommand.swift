internal import ArgumentParser
internal import Omnibus

/// `omnibus routes`: the routes of the running engine.
struct RoutesCommand: AdminCommand {
  static let configuration = CommandConfiguration(
    commandName: "routes", abstract: "Show the routes of the running engine, or one of them.")

  @Argument(help: "The route; all of them unless given.") var route: String?
  @OptionGroup var arguments: AdminArguments

  func ask(_ client: AdminClient) async throws -> Value {
    try await client.get(route.map { "/routes/\(AdminClient.part($0))" } ?? "/routes")
  }

  func text(_ answer: Value) -> String {
    guard route != nil else { return Self.table(answer.member("routes")?.items ?? []) }
    let names = ["id", "description", "source", "revision", "state", "paused_by", "under_way", "ready", "not_ready"]
    return names.compactMap { name in
      guard let value = answer.member(name)?.shown, !value.isEmpty else { return nil }
      return name.padded(to: 13) + value + "\n"
    }.joined()
  }

  /// Routes, one a line.
  static func table(_ routes: [Value]) -> String {
    var table = TextTable(["route", "state", "under way", "revision", "source", "note"])
    for route in routes {
      let note = route.member("not_ready")?.shown ?? route.member("paused_by").map { "by \($0.shown)" } ?? ""
      table.add(
        ["id", "state", "under_way", "revision", "source"].map { route.member($0)?.shown ?? "" }
          + [note == "by " ? "" : note])
    }
    return table.text
  }
}

extension String {
  /// With spaces behind it, so that it is as wide.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
