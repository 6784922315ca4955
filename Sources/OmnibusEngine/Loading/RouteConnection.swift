internal import Omnibus

/// The connection of a step of a route.
struct RouteConnection: Sendable {
  /// What it is, for people: `connection "broker"` where the route names one, else the connector.
  let name: String
  /// The step whose it is.
  let stepID: String
  let step: any ConnectedStep
  /// Whether sources wait while its peer takes no messages: that of a step which all messages of the route come to. On a
  /// branch, for what fails or for some of the messages, those that come to it wait by themselves; the others may be what
  /// relieves the peer.
  let holdsSource: Bool

  /// That of a step at a place of a route.
  init(_ name: String, at context: Context, _ step: any ConnectedStep, holdsSource: Bool) {
    self.name = name
    stepID = context.step
    self.step = step
    self.holdsSource = holdsSource
  }

  /// Why it cannot send, with its name; nil where it can.
  var problem: String? { step.condition.failure.map { "\(name) (step \(stepID)): \($0)" } }
}
