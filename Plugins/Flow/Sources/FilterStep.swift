internal import Omnibus
internal import OmnibusExpression

/// Ends the innermost run, successfully, where a condition does not hold.
struct FilterStep: Step {
  let condition: Condition

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    try condition.evaluate(&message, context) ? .next : .stop
  }
}

/// Ends the innermost run, successfully.
struct StopStep: Step {
  func process(_ message: inout Message, _ context: Context) async throws -> Next { .stop }
}
