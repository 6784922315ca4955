internal import Omnibus
internal import OmnibusEngine
internal import OmnibusStore

extension AdminEndpoint {
  /// Queues of the store.
  static func queues(_ operations: AdminOperations) -> [AdminEndpoint] {
    let queue = AdminSchema.object(
      [
        ("name", .string), ("depth", .integer), ("leased", .integer), ("delayed", .integer), ("oldest", .time),
      ], optional: ["oldest"])
    return [
      AdminEndpoint(
        "GET", "/queues", "queues", "All queues, with how many messages they hold.", .viewMetadata,
        answer: .object([("queues", .list(queue))])
      ) { _ in
        let queues = try await operations.store()?.queues() ?? []
        return AdminAnswer([("queues", .list(queues.sorted { $0.name < $1.name }.map(\.value)))])
      }
    ]
  }
}

extension QueueStatus {
  fileprivate var value: Value {
    var members = ValueMap([
      ("name", .string(name)), ("depth", .int(Int64(depth))), ("leased", .int(Int64(leased))),
      ("delayed", .int(Int64(delayed))),
    ])
    members["oldest"] = oldest.map(Value.time)
    return .map(members)
  }
}
