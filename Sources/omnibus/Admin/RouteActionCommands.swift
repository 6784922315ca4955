internal import ArgumentParser
internal import Omnibus

/// What is done with a route of the running engine.
protocol RouteActionCommand: AdminCommand {
  static var action: String { get }
  var route: String { get }
  var grace: String? { get }
}

extension RouteActionCommand {
  var grace: String? { nil }

  func ask(_ client: AdminClient) async throws -> Value {
    try await client.post(
      "/routes/\(AdminClient.part(route))/\(Self.action)", [("grace", grace.map(Value.string))], timeout: .seconds(3700)
    )
  }

  func text(_ answer: Value) -> String { RoutesCommand.table([answer]) }
}

/// `omnibus pause`.
struct PauseCommand: RouteActionCommand {
  static let action = "pause"
  static let configuration = CommandConfiguration(
    commandName: action, abstract: "Let a route take no messages; its source keeps its place.")

  @Argument(help: "The route.") var route: String
  @OptionGroup var arguments: AdminArguments
}

/// `omnibus resume`.
struct ResumeCommand: RouteActionCommand {
  static let action = "resume"
  static let configuration = CommandConfiguration(commandName: action, abstract: "Let a route go on that was paused.")

  @Argument(help: "The route.") var route: String
  @OptionGroup var arguments: AdminArguments
}

/// `omnibus start`.
struct StartCommand: RouteActionCommand {
  static let action = "start"
  static let configuration = CommandConfiguration(commandName: action, abstract: "Start a route that was stopped.")

  @Argument(help: "The route.") var route: String
  @OptionGroup var arguments: AdminArguments
}

/// `omnibus drain`.
struct DrainCommand: RouteActionCommand {
  static let action = "drain"
  static let configuration = CommandConfiguration(
    commandName: action, abstract: "Pause a route, and wait until nothing is under way.")

  @Argument(help: "The route.") var route: String
  @Option(help: ArgumentHelp("How long to wait, such as 10s.", valueName: "duration")) var grace: String?
  @OptionGroup var arguments: AdminArguments
}

/// `omnibus stop`.
struct StopCommand: RouteActionCommand {
  static let action = "stop"
  static let configuration = CommandConfiguration(
    commandName: action, abstract: "End the source of a route; what is under way may finish.")

  @Argument(help: "The route.") var route: String
  @Option(help: ArgumentHelp("How long messages under way may take, such as 10s.", valueName: "duration"))
  var grace: String?
  @OptionGroup var arguments: AdminArguments
}
