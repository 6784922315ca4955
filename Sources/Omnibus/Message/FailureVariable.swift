/// The variable `failure` of steps that handle one, such as those in `on_failure`, kept in the message's properties.
package enum FailureVariable {
  static let name = "failure"
  /// The entry that says that the reason was made out of the message.
  private static let ofMessage = "reason_is_of_message"

  /// The failure that is being handled; nil where none is.
  package static func present(in message: Message) -> Failure? { failure(of: message.properties[name]) }

  /// What expressions see of a failure: `kind`, `reason`, `step`, `component`, `place`, `problems`,
  /// `attempts`, `retry_after` in seconds.
  package static func value(of failure: Failure) -> ValueMap {
    var map = ValueMap([
      ("kind", .string(failure.kind.rawValue)), ("reason", .string(failure.reason)),
      ("step", .string(failure.step ?? "")), ("component", .string(failure.component ?? "")),
      ("place", .string(failure.problems.first?.place ?? "")), ("attempts", .int(Int64(failure.attempts))),
      (
        "problems",
        .list(
          failure.problems.map { problem in
            .map(ValueMap([("detail", .string(problem.detail)), ("place", .string(problem.place ?? ""))]))
          })
      ),
    ])
    if failure.reasonIsOfMessage { map[ofMessage] = .bool(true) }
    if let wait = failure.retryAfter { map["retry_after"] = .int(wait.components.seconds) }
    return map
  }

  /// The failure that a value was made of; nil where it is none.
  private static func failure(of value: Value?) -> Failure? {
    guard let kind = value?.member("kind")?.string.flatMap(Failure.Kind.init),
      let reason = value?.member("reason")?.string
    else { return nil }
    var failure = Failure(kind, reason)
    failure.step = value?.member("step")?.string.flatMap { $0.isEmpty ? nil : $0 }
    failure.component = value?.member("component")?.string.flatMap { $0.isEmpty ? nil : $0 }
    if case .bool(true)? = value?.member(ofMessage) { failure.reasonIsOfMessage = true }
    failure.attempts = value?.member("attempts")?.int ?? 1
    failure.retryAfter = value?.member("retry_after")?.int.map { .seconds($0) }
    if case .list(let problems) = value?.member("problems") {
      failure.problems = problems.map { problem in
        let place = problem.member("place")?.string ?? ""
        return Failure.Problem(problem.member("detail")?.string ?? "", place: place.isEmpty ? nil : place)
      }
    }
    return failure
  }
}

extension Block {
  /// Runs the steps on a message that failed, with the failure as their variable. Where they end well it is handled;
  /// an outer failure that is being handled becomes the variable again.
  package func run(handling variable: ValueMap, _ message: inout Message) async throws -> Next {
    let outer = message.properties[FailureVariable.name]
    message.properties[FailureVariable.name] = .map(variable)
    let next = try await run(&message)
    message.properties[FailureVariable.name] = outer
    return next
  }
}
