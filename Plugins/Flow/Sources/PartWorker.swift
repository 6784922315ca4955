internal import Omnibus

/// Runs the steps of a `split` on one part.
struct PartWorker: Sendable {
  /// What became of a part.
  struct Outcome: Sendable {
    var number: Int
    /// Whether it failed, and the failure was handled.
    var failed: Bool
    /// Its body, where that is collected; nil for parts that stopped.
    var body: Value?
  }

  let steps: Block
  let onFailure: Block?
  let collects: PartOptions.Collect?

  /// Whether no step may wait, so that `runNow` does instead of `run`.
  var neverWaits: Bool { steps.neverWaits }

  /// Runs the steps on the message of the part; what it throws is left to `handle`.
  func runNow(_ part: Part, _ message: inout Message, _ context: Context) throws(Failure) -> Outcome {
    if case .bad(let failure, _) = part.content { throw failure }
    return try outcome(of: part, steps.runNow(&message), &message, context)
  }

  /// Runs the steps on the message of the part; throws what is not handled, saying which part it was.
  func run(_ part: Part, _ message: inout Message, _ context: Context) async throws -> Outcome {
    do {
      if case .bad(let failure, _) = part.content { throw failure }
      return try outcome(of: part, await steps.run(&message), &message, context)
    } catch {
      return try await handle(Failure(error), part, &message, context)
    }
  }

  /// Runs what handles a failure; throws what is not handled, saying which part it was.
  func handle(
    _ failure: Failure, _ part: Part, _ message: inout Message, _ context: Context
  ) async throws -> Outcome {
    guard let onFailure, failure.kind != .cancelled, !Task.isCancelled else {
      var failure = failure
      failure.reason = "\(name(of: part)): \(failure.reason)"
      throw failure
    }
    let next = try await onFailure.run(handling: value(of: failure, part), &message)
    let isCollected = collects == .failures && next != .stop
    return Outcome(number: part.number, failed: true, body: isCollected ? try body(of: &message, context) : nil)
  }

  private func outcome(
    of part: Part, _ next: Next, _ message: inout Message, _ context: Context
  ) throws(Failure) -> Outcome {
    let isCollected = collects == .list && next != .stop
    return Outcome(number: part.number, failed: false, body: isCollected ? try body(of: &message, context) : nil)
  }

  private func value(of failure: Failure, _ part: Part) -> ValueMap {
    var value = FailureVariable.value(of: failure)
    value["record"] = .int(Int64(part.number))
    value["line"] = part.line.map { .int(Int64($0)) }
    return value
  }

  private func name(of part: Part) -> String {
    "part \(part.number)" + (part.line.map { " (line \($0))" } ?? "")
  }

  private func body(of message: inout Message, _ context: Context) throws(Failure) -> Value {
    try message.decodeBody(context.formats)
    switch message.body {
    case .empty: return .null
    case .document(let document): return document.root
    case .bytes(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw Failure(.invalid, "the body of a part is neither a document nor text, and cannot be collected")
      }
      return .string(text)
    case .stream: throw Failure(.invalid, "the body of a part is a stream, and cannot be collected")
    }
  }
}
