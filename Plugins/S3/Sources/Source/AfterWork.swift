internal import Omnibus

/// What is done with an object whose message has ended.
enum AfterWork: Sendable, Equatable {
  case delete
  /// Its key gets another prefix.
  case move(String)
  /// It stays, with these tags, and is not taken again.
  case tag(ObjectTags)
  /// It stays as it is.
  case leave

  /// What is written as a map.
  struct Written: Options {
    @Option(
      help: "what the key begins with from then on, in the place of prefix", default: "none",
      check: { $0 == "" ? "must not be empty" : nil })
    var move: String? = nil

    @Option(
      help: "tags that the object gets beside those that it has; with them it is not taken again", default: "none")
    var tag: OptionMap<String>? = nil

    func validate(_ node: Node, in scope: LoadScope) {
      guard (move == nil) == (tag == nil) || tag?.entries.isEmpty == true else { return }
      scope.report(
        "conflicting-options", at: node.location, "\(scope.subject) takes one of move and tag, with something in it",
        help: "write { move: outbound/ } or { tag: { state: done } }")
    }
  }

  static func decode(_ node: Node, or words: [(String, AfterWork)], in scope: LoadScope) -> AfterWork? {
    if let word = words.first(where: { $0.0 == node.text }) { return word.1 }
    guard node.entries != nil else {
      let names = words.map(\.0).joined(separator: ", ")
      scope.report(
        "mistyped-option", at: node.location,
        "\(scope.subject) takes \(names), or a map of options, found \(node.kindName)",
        help: "write \(names), { move: outbound/ } or { tag: { state: done } }")
      return nil
    }
    guard let written = Written.decode(node, in: scope) else { return nil }
    if let prefix = written.move { return .move(prefix) }
    return written.tag.map { .tag(ObjectTags(tags: $0.entries.map { .init(name: $0.key, value: $0.value) })) }
  }
}

/// The option `done`.
struct AfterSuccess: OptionValue {
  var work: AfterWork

  static var shape: OptionShape { .either([.oneOf(["delete", "leave"]), AfterWork.Written.shape]) }

  static func decode(_ node: Node, in scope: LoadScope) -> AfterSuccess? {
    AfterWork.decode(node, or: [("delete", .delete), ("leave", .leave)], in: scope).map(AfterSuccess.init)
  }
}

/// The option `failed`.
struct AfterFailure: OptionValue {
  var work: AfterWork

  static var shape: OptionShape { .either([.oneOf(["leave"]), AfterWork.Written.shape]) }

  static func decode(_ node: Node, in scope: LoadScope) -> AfterFailure? {
    AfterWork.decode(node, or: [("leave", .leave)], in: scope).map(AfterFailure.init)
  }
}
