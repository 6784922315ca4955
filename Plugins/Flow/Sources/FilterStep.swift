internal import Omnibus
internal import OmnibusExpression

/// Ends the innermost run, successfully, where a condition does not hold.
struct FilterStep: ImmediateStep {
  let condition: Condition

  func processNow(_ message: inout Message, _ context: Context) throws -> Next {
    try condition.evaluate(&message, context) ? .next : .stop
  }
}

/// Ends the innermost run, successfully.
struct StopStep: ImmediateStep {
  func processNow(_ message: inout Message, _ context: Context) throws -> Next { .stop }
}
