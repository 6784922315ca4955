internal import Omnibus
internal import OmnibusEngine

extension AdminEndpoint {
  private static let grace = AdminField(
    "grace", .duration(max: .seconds(3600)),
    "how long messages under way may take; that of the configuration unless given")

  /// Routes, and what operators do with them.
  static func routes(_ operations: AdminOperations) -> [AdminEndpoint] {
    @Sendable func route(_ id: String) async throws(AdminProblem) -> RouteStatus {
      guard let route = await operations.routes().first(where: { $0.id == id }) else { throw .unknown("route") }
      return route
    }
    let reading = [
      AdminEndpoint(
        "GET", "/routes", "routes", "All routes, by id.", .viewMetadata, answer: .object([("routes", .list(.route))])
      ) { _ in AdminAnswer([("routes", .list(await operations.routes().map(\.value)))]) },
      AdminEndpoint("GET", "/routes/{route}", "route", "How a route stands.", .viewMetadata, answer: .route) {
        request in
        AdminAnswer(try await route(request.target).value)
      },
    ]
    return reading
      + AdminOperations.RouteAction.allCases.map { action in
        AdminEndpoint(
          "POST", "/routes/{route}/\(action.rawValue)", "\(action.rawValue)-route", action.help, .operate,
          body: action.waits ? [grace] : [], answer: .route
        ) { request in
          _ = try await route(request.target)
          try await operations.control(action, request.target, request.body.duration("grace") ?? operations.grace())
          return AdminAnswer(try await route(request.target).value)
        }
      }
  }
}

extension AdminOperations.RouteAction {
  /// Whether it waits for messages under way.
  fileprivate var waits: Bool { self == .drain || self == .stop }

  fileprivate var help: String {
    switch self {
    case .start: "Starts a route that was stopped, and lets one go on that is paused."
    case .pause: "Lets a route take no messages; its source keeps its place, what is under way finishes."
    case .resume: "Lets a route go on that was paused."
    case .drain: "Pauses a route, and waits until nothing is under way."
    case .stop: "Ends the source of a route; what is under way may finish."
    }
  }
}

extension AdminSchema {
  /// A route.
  static let route = AdminSchema.object(
    [
      ("id", .string), ("description", .string), ("source", .string), ("revision", .string),
      ("state", .words(RouteStatus.State.allCases.map(\.rawValue))), ("paused_by", .list(.string)),
      ("under_way", .integer), ("ready", .boolean), ("not_ready", .string),
    ], optional: ["description", "not_ready"])
}

extension RouteStatus {
  /// As the API shows it.
  var value: Value {
    var members = ValueMap([
      ("id", .string(id)), ("source", .string(source)), ("revision", .string(revision)),
      ("state", .string(state.rawValue)), ("paused_by", .list(pausedBy.map(Value.string))),
      ("under_way", .int(Int64(underWay))), ("ready", .bool(isReady)),
    ])
    members["description"] = description.map(Value.string)
    members["not_ready"] = notReady.map(Value.string)
    return .map(members)
  }
}
