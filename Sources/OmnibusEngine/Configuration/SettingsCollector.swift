internal import Omnibus

/// Lists the values of a configuration by what its options are declared as.
struct SettingsCollector {
  private let resolve: (String) -> String
  private(set) var settings: [EffectiveSetting] = []

  /// A collector that reads references by `resolve`.
  init(resolving resolve: @escaping (String) -> String) { self.resolve = resolve }

  /// Adds what `node` says of `shape`, and the defaults of what it does not say.
  mutating func collect(_ shape: OptionShape, _ node: Node?, prefix: String = "") {
    guard case .fields(let fields) = shape else { return }
    for field in fields {
      let key = prefix + field.name
      let value = node?[field.name]
      // Fields that may be left out as a whole are one setting, so that there are as many whatever is written.
      if case .fields = field.shape, !field.isDefaultProse {
        collect(field.shape, value, prefix: key + ".")
      } else if let value {
        settings.append(
          EffectiveSetting(key, shown(value, field.shape), at: value.location, resolved: resolved(value)))
      } else {
        settings.append(byDefault(key, field))
      }
    }
  }

  private func byDefault(_ key: String, _ field: OptionField) -> EffectiveSetting {
    let text = field.defaultText ?? ""
    guard !field.isDefaultProse, !text.isEmpty else {
      return EffectiveSetting(key, .null, description: text.isEmpty ? "none" : text, at: nil, resolved: "")
    }
    if case .list = field.shape, text == "[]" { return EffectiveSetting(key, .list([]), at: nil, resolved: "[]") }
    return EffectiveSetting(key, Self.typed(text, field.shape), at: nil, resolved: text)
  }

  // MARK: showing

  /// The value as it may be seen.
  private func shown(_ node: Node, _ shape: OptionShape) -> Value {
    switch node.value {
    case .scalar(let text, _): shown(text, shape)
    case .sequence(let elements): .list(elements.map { shown($0, shape.ofElements) })
    case .mapping(let entries):
      .map(ValueMap(entries.map { ($0.key.text ?? "", shown($0.value, shape.ofField($0.key.text ?? ""))) }))
    }
  }

  private func shown(_ text: String, _ shape: OptionShape) -> Value {
    guard text.contains("${") else { return shape.isSecret ? .string("***") : Self.typed(text, shape) }
    return shape.canHoldSecrets ? .string(text) : Self.typed(resolve(text), shape)
  }

  private static func typed(_ text: String, _ shape: OptionShape) -> Value {
    switch shape {
    case .scalar(_, _, .wholeNumber): Int64(text).map(Value.int) ?? .string(text)
    case .oneOf(["true", "false"]): Bool(text).map(Value.bool) ?? .string(text)
    default: .string(text)
    }
  }

  // MARK: comparing

  /// The value with all that its references stand for, with lengths so that different values never read alike.
  private func resolved(_ node: Node) -> String {
    switch node.value {
    case .scalar(let text, _): text.contains("${") ? resolve(text) : text
    case .sequence(let elements): "[" + elements.map(measured).joined() + "]"
    case .mapping(let entries): "{" + entries.map { measured($0.key) + measured($0.value) }.joined() + "}"
    }
  }

  private func measured(_ node: Node) -> String {
    let text = resolved(node)
    return "\(text.utf8.count):\(text)"
  }
}

extension OptionShape {
  /// Whether it is a `Secret`, or the hash of one.
  fileprivate var isSecret: Bool {
    switch self {
    case .scalar(_, _, .secret), .scalar(TokenHash.shapeName, _, _): true
    default: false
    }
  }

  /// Whether what a reference stands for could be something that must not be seen.
  fileprivate var canHoldSecrets: Bool {
    switch self {
    case .oneOf, .scalar(_, _, .wholeNumber), .scalar(_, _, .number): false
    // Not every pattern: a key may have a form, too.
    case .scalar(let name, _, .pattern): !["duration", "size", "rate"].contains(name)
    default: true
    }
  }

  fileprivate var ofElements: OptionShape {
    switch self {
    case .list(let element): element
    case .either(let shapes):
      shapes.lazy.compactMap { if case .list(let element) = $0 { element } else { nil } }.first ?? self
    default: self
    }
  }

  fileprivate func ofField(_ name: String) -> OptionShape {
    switch self {
    case .fields(let fields), .using(_, let fields): fields.first { $0.name == name }?.shape ?? .template
    case .map(let value): value
    case .either(let shapes):
      shapes.lazy.compactMap { if case .fields = $0 { $0.ofField(name) } else { nil } }.first ?? .template
    default: .template
    }
  }
}
