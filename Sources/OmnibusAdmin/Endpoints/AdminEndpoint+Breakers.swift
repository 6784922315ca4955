internal import Omnibus
internal import OmnibusEngine

extension AdminEndpoint {
  /// Circuit breakers, and holding them by hand.
  static func breakers(_ operations: AdminOperations) -> [AdminEndpoint] {
    @Sendable func breaker(_ name: String) async throws(AdminProblem) -> Value {
      guard let found = await operations.breakers().first(where: { $0.name == name }) else { throw .unknown("breaker") }
      return found.status.value(named: name)
    }
    return [
      AdminEndpoint(
        "GET", "/breakers", "breakers", "All circuit breakers, by name.", .viewMetadata,
        answer: .object([("breakers", .list(.breaker))])
      ) { _ in
        AdminAnswer([("breakers", .list(await operations.breakers().map { $0.status.value(named: $0.name) }))])
      },
      AdminEndpoint(
        "GET", "/breakers/{breaker}", "breaker", "How a circuit breaker stands.", .viewMetadata, answer: .breaker
      ) { request in AdminAnswer(try await breaker(request.target)) },
      AdminEndpoint(
        "POST", "/breakers/{breaker}/force", "force-breaker",
        "Keeps a circuit breaker open or closed whatever happens; auto lets it go by what it sees again.", .operate,
        body: [AdminField("state", .words(["open", "closed", "auto"]), "what it is to be", isRequired: true)],
        answer: .breaker
      ) { request in
        _ = try await breaker(request.target)
        let state = request.body.text("state") ?? ""
        try await operations.force(request.target, BreakerStatus.State(rawValue: state))
        return AdminAnswer(try await breaker(request.target), outcome: state)
      },
    ]
  }
}

extension AdminSchema {
  fileprivate static let breaker = AdminSchema.object(
    [
      ("name", .string), ("state", .words(BreakerStatus.State.allCases.map(\.rawValue))), ("forced", .boolean),
      ("calls", .integer), ("failures", .integer), ("slow", .integer), ("refused", .integer),
    ])
}

extension BreakerStatus {
  fileprivate func value(named name: String) -> Value {
    .map(
      ValueMap([
        ("name", .string(name)), ("state", .string(state.rawValue)), ("forced", .bool(isForced)),
        ("calls", .int(Int64(calls))), ("failures", .int(Int64(failures))), ("slow", .int(Int64(slow))),
        ("refused", .int(Int64(refused))),
      ]))
  }
}
