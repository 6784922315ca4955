internal import Omnibus
internal import OmnibusEngine
internal import OmnibusStore

extension AdminEndpoint {
  /// How the engine stands as a whole, and its settings.
  static func engine(_ operations: AdminOperations) -> [AdminEndpoint] {
    let level = AdminSchema.words(EngineLogOptions.Level.allCases.map(\.rawValue))
    let setting = AdminSchema.object(
      [("key", .string), ("value", .any), ("from", .words(["default", "option", "file"]))])
    return [
      AdminEndpoint(
        "GET", "/status", "status", "How the engine and its routes stand.", .viewMetadata,
        answer: .object(
          [
            ("version", .string), ("ready", .boolean), ("routes", .list(.route)), ("dead_letters", .integer),
          ], optional: ["dead_letters"])
      ) { _ in
        let routes = await operations.routes()
        var members: [(String, Value)] = [
          ("version", .string(operations.version)), ("ready", .bool(await operations.isReady())),
          ("routes", .list(routes.map(\.value))),
        ]
        // Left out while the store cannot say: how routes stand is to be seen then, too.
        if let counts = try? await operations.store()?.deadLetterCounts() {
          members.append(("dead_letters", .int(Int64(counts.values.reduce(0, +)))))
        }
        return AdminAnswer(members)
      },
      AdminEndpoint(
        "GET", "/configuration", "configuration",
        "The settings that hold, each with where it was written; secrets stand as the references that were written.",
        .configure, answer: .object([("settings", .list(setting))])
      ) { _ in AdminAnswer([("settings", .list(operations.configuration().map(\.json)))]) },
      AdminEndpoint(
        "GET", "/log-level", "log-level", "The least level that is logged.", .viewMetadata,
        answer: .object([("level", level)])
      ) { _ in AdminAnswer([("level", .string(operations.logLevel().rawValue))]) },
      AdminEndpoint(
        "POST", "/log-level", "set-log-level",
        "Changes the least level that is logged, until log.level of the configuration changes or the program ends.",
        .configure,
        body: [
          AdminField(
            "level", .words(EngineLogOptions.Level.allCases.map(\.rawValue)), "the least level", isRequired: true)
        ], answer: .object([("level", level)])
      ) { request in
        guard let level = request.body.text("level").flatMap(EngineLogOptions.Level.init) else {
          throw AdminProblem.invalid("level is missing")
        }
        operations.setLogLevel(level)
        return AdminAnswer([("level", .string(level.rawValue))], outcome: level.rawValue)
      },
    ]
  }
}
