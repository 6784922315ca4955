/// Something that components are held to: what must be so, and why it matters.
public struct Rule: Sendable, Hashable {
  /// A short name for it, such as `acknowledged-after-delivery`.
  public let name: String
  /// What must be so.
  public let demand: String
  /// What happens to those who rely on a component that breaks it.
  public let reason: String

  init(_ name: String, _ demand: String, because reason: String) {
    self.name = name
    self.demand = demand
    self.reason = reason
  }

  /// All rules of all suites.
  public static let all: [Rule] =
    common + ofSources + ofDestinations + ofSteps + ofMiddleware + ofSplitters + ofStores

  /// Rules for components of every role.
  static let common = [works, noPayload]

  /// The component can be made, and does what it is for.
  static let works = Rule(
    "works", "the component is made from its options, and does its work with a peer that is well",
    because: "nothing else can be said of one that does not")
  /// No value of a message is told.
  static let noPayload = Rule(
    "no-payload", "no failure, cause or log line holds a value of a message",
    because: "logs and error answers are read by people who may not see what patients' messages hold")
}

/// A rule that a component has broken.
public struct Finding: Sendable, CustomStringConvertible {
  /// The component with its role, such as `source rest`.
  public let component: String
  /// The rule.
  public let rule: Rule
  /// What was seen.
  public let found: String

  /// What the test reports.
  public var description: String {
    "\(component) breaks the rule \(rule.name): \(rule.demand); found: \(found). It matters: \(rule.reason)"
  }
}
