internal import Omnibus
internal import OmnibusEngine

/// Work that goes on after its request was answered, as it stands at one moment.
struct AdminJob: Sendable {
  /// Whether it goes on.
  enum Phase: String, CaseIterable {
    case running
    case finished
    case cancelled
    /// Something that it needs failed, such as the store; what was done until then is done.
    case failed
  }

  let id: String
  /// What it does: `replay`, `drop`.
  let action: String
  /// The name of the token of who began it.
  let by: String
  /// Seconds since 1970.
  let started: Double
  var ended: Double?
  var phase = Phase.running
  /// Letters that are gone.
  var done = 0
  /// Letters whose messages failed again.
  var failed = 0
  /// Letters that are as they were.
  var refused = 0
  /// Why it failed, or the last reason why a letter did.
  var reason: String?

  /// Takes over how far it is.
  mutating func show(_ summary: LetterSummary) {
    (done, failed, refused, reason) = (summary.done, summary.failed, summary.refused, summary.reason)
  }

  static let schema = AdminSchema.object(
    [
      ("id", .string), ("action", .words(["replay", "drop"])), ("by", .string), ("started", .time), ("ended", .time),
      ("phase", .words(Phase.allCases.map(\.rawValue))), ("done", .integer), ("failed", .integer),
      ("refused", .integer), ("reason", .string),
    ], optional: ["ended", "reason"])

  /// As the API shows it.
  var value: Value {
    var members = ValueMap([
      ("id", .string(id)), ("action", .string(action)), ("by", .string(by)), ("started", .time(started)),
      ("phase", .string(phase.rawValue)), ("done", .int(Int64(done))), ("failed", .int(Int64(failed))),
      ("refused", .int(Int64(refused))),
    ])
    members["ended"] = ended.map(Value.time)
    members["reason"] = reason.map(Value.string)
    return .map(members)
  }
}
