internal import Omnibus

/// The connection of a step of a route.
struct RouteConnection: Sendable {
  /// What it is, for people: `connection "broker"` where the route names one, else the connector.
  let name: String
  /// The step whose it is.
  let stepID: String
  let step: any ConnectedStep

  /// That of a step at a place of a route.
  init(_ name: String, at context: Context, _ step: any ConnectedStep) {
    self.name = name
    stepID = context.step
    self.step = step
  }

  /// Why it cannot send, with its name; nil where it can.
  var problem: String? { step.condition.failure.map { "\(name) (step \(stepID)): \($0)" } }
}
