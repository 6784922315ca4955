public import Omnibus

/// One value of the configuration as it holds, with where it comes from.
public struct EffectiveSetting: Sendable {
  /// The keys down to the value: `log.level`.
  public let key: String
  /// The value, safe to show: a secret, and text that may hold one, stands as the reference that was written. Null for
  /// a default that can only be described.
  public let value: Value
  /// What holds when nothing is written, where `value` cannot say it: `one for each processor`.
  public let description: String?
  /// Where it was written; nil for a default. The line is 0 for an option of the command line.
  public let place: Location?
  /// A digest of what the value stands for, valid in this process only.
  private let digest: Int

  init(_ key: String, _ value: Value, description: String? = nil, at place: Location?, resolved: String) {
    self.key = key
    self.value = value
    self.description = description
    self.place = place
    var hasher = Hasher()
    hasher.combine(resolved)
    digest = hasher.finalize()
  }

  /// Whether it holds something else than `other`.
  public func differs(from other: EffectiveSetting) -> Bool { key != other.key || digest != other.digest }
}

extension EffectiveSetting {
  /// `{"key", "value", "from"}`: `from` is `default`, `option` with the option, or `file` with the place.
  public var json: Value {
    var members: [(String, Value)] = [("key", .string(key)), ("value", value)]
    if let description { members.append(("description", .string(description))) }
    guard let place else { return .map(ValueMap(members + [("from", .string("default"))])) }
    if place.line == 0 {
      return .map(ValueMap(members + [("from", .string("option")), ("option", .string(place.file))]))
    }
    members += [
      ("from", .string("file")), ("file", .string(place.file)), ("line", .int(Int64(place.line))),
      ("column", .int(Int64(place.column))),
    ]
    return .map(ValueMap(members))
  }
}
