internal import Omnibus
internal import OmnibusStore

extension AdminSchema {
  /// A dead letter without its message.
  static let deadLetter: AdminSchema = {
    let attempt = object(
      [
        ("time", .time), ("revision", .string), ("step", .string), ("component", .string),
        ("kind", .words(Failure.Kind.allCases.map(\.rawValue))), ("reason", .string), ("tries", .integer),
      ], optional: ["step", "component"])
    return object(
      [
        ("id", .string), ("route", .string), ("size", .integer), ("content_type", .string), ("received", .time),
        ("attempts", .list(attempt)),
      ], optional: ["content_type"])
  }()
}

extension DeadLetter {
  /// As the API shows it to those who may not see its message.
  var value: Value {
    var members = ValueMap([
      ("id", .string(id)), ("route", .string(route)), ("size", .int(Int64(size))), ("received", .time(received)),
    ])
    members["content_type"] = message.contentType.map(Value.string)
    members["attempts"] = .list(attempts.map(\.value))
    return .map(members)
  }
}

extension DeadLetter.Attempt {
  fileprivate var value: Value {
    var members = ValueMap([("time", .time(time)), ("revision", .string(revision))])
    members["step"] = step.map(Value.string)
    members["component"] = component.map(Value.string)
    members["kind"] = .string(kind.rawValue)
    members["reason"] = .string(reason)
    members["tries"] = .int(Int64(tries))
    return .map(members)
  }
}
