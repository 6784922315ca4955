internal import Omnibus
internal import OmnibusEngine
internal import OmnibusStore

extension AdminEndpoint {
  /// The largest plan that is sent: its files as JSON.
  private static let maxPlan = 16 << 20

  private static let files = AdminField(
    "files",
    .objects(
      [
        AdminField(
          "path", .text(maxLength: 1024), "the path in the folder of routes, such as orders/new.yaml", isRequired: true),
        AdminField("text", .text(maxLength: 4 << 20), "what the file holds", isRequired: true),
      ], atMost: 10_000),
    "all files of routes to compare with; those in the folder of the engine unless given")

  /// What is loaded together: reload, plan, rollback.
  static func generations(_ operations: AdminOperations) -> [AdminEndpoint] {
    let generation = AdminSchema.object(
      [("number", .integer), ("applied", .time), ("reason", .string), ("routes", .list(.string))])
    return [
      AdminEndpoint(
        "GET", "/generations", "generations", "The generations of routes that are kept, newest first.", .viewMetadata,
        answer: .object([("generations", .list(generation))])
      ) { _ in AdminAnswer([("generations", .list(try await operations.generations().map(\.value)))]) },
      AdminEndpoint(
        "POST", "/reload", "reload",
        "Applies the files of routes and the configuration as they are; a mistake changes nothing.", .operate,
        answer: .applied
      ) { _ in
        let applied = try await operations.reload()
        return AdminAnswer(applied.value, outcome: "generation \(applied.generation)")
      },
      AdminEndpoint(
        "POST", "/plan", "plan",
        "What applying the files would change; touches nothing. Files that are sent take the right `configure`, too.",
        .operate, body: [files], maxBody: maxPlan, answer: .applied
      ) { request in
        guard request.body.has(files.name) else { return AdminAnswer(try await operations.plan(nil).value) }
        // What they refer to is read here, and mistakes of it are shown: they can be made to tell any file.
        guard request.caller.rights.contains(.configure) else { throw AdminProblem.lacking(.configure) }
        let sent = try request.body.objects(files)
        let files = try sent.map { file throws(AdminProblem) in
          let path = file.text("path") ?? ""
          guard isRoutesPath(path) else { throw .invalid("a path leads out of the folder, or does not end in .yaml") }
          return RouteFiles.File(path: path, bytes: Array((file.text("text") ?? "").utf8))
        }
        return AdminAnswer(try await operations.plan(files).value)
      },
      AdminEndpoint(
        "POST", "/rollback", "rollback",
        "Applies an earlier generation again, as a new one; the files are left alone until they change.", .operate,
        body: [
          AdminField(
            "generation", .number(1...Int(Int32.max)), "the number; that of the generation before unless given")
        ], answer: .applied
      ) { request in
        let applied = try await operations.rollback(request.body.number("generation"))
        return AdminAnswer(applied.value, outcome: "generation \(applied.generation)")
      },
    ]
  }

  /// Whether a path stays within the folder of routes, and names a file that holds routes.
  private static func isRoutesPath(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return path.hasSuffix(".yaml") && parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") }
  }
}

extension AdminSchema {
  /// What an apply did, or would do.
  static let applied = AdminSchema.object(
    [
      ("generation", .integer), ("added", .list(.string)), ("changed", .list(.string)), ("removed", .list(.string)),
      ("kept", .list(.string)),
    ])
}

extension Applied {
  /// As the API shows it.
  fileprivate var value: Value {
    func list(_ ids: [String]) -> Value { .list(ids.map(Value.string)) }
    return .map(
      ValueMap([
        ("generation", .int(Int64(generation))), ("added", list(added)), ("changed", list(changed)),
        ("removed", list(removed)), ("kept", list(kept)),
      ]))
  }
}

extension StoredGeneration {
  /// As the API shows it.
  fileprivate var value: Value {
    .map(
      ValueMap([
        ("number", .int(Int64(number))), ("applied", .time(applied)), ("reason", .string(reason)),
        ("routes", .list(routes.map(Value.string))),
      ]))
  }
}
