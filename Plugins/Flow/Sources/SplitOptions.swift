internal import Omnibus
internal import OmnibusExpression

/// The options of `split`: a list in the message, or a splitter with its options, and what to do with the parts.
struct SplitOptions: OptionValue {
  let parts: PartSource
  let handling: PartOptions

  static var shape: OptionShape {
    guard case .fields(let fields) = PartOptions.shape else { return PartOptions.shape }
    return .using(.splitter, fields)
  }

  static func decode(_ node: Node, in scope: LoadScope) -> SplitOptions? {
    let names = PartOptions().names
    // What is near an option's name is a mistyped option, not the name of a splitter.
    let splitters = (node.entries ?? []).filter { entry in
      let name = entry.key.text ?? ""
      return !names.contains(name) && NearestName.of(name, among: names) == nil
    }
    var rest = node
    if let entries = node.entries {
      rest.value = .mapping(entries.filter { entry in !splitters.contains { $0.key.text == entry.key.text } })
    }
    let handling = PartOptions.decode(rest, in: scope)
    let made = splitters.map { scope.splitter(named: $0.key, options: $0.value) }
    guard splitters.count + (rest["each"] == nil ? 0 : 1) == 1 else {
      if node.entries != nil { reportChoice(node, splitters.last?.key, in: scope) }
      return nil
    }
    guard let handling else { return nil }
    if let each = handling.each { return SplitOptions(parts: .list(each), handling: handling) }
    guard case let splitter?? = made.first else { return nil }
    return SplitOptions(parts: .splitter(splitter), handling: handling)
  }

  private static func reportChoice(_ node: Node, _ splitter: Node?, in scope: LoadScope) {
    guard let splitter else {
      scope.report(
        "missing-option", at: node.location, "\(scope.subject) needs the option \"each\", or a splitter",
        help: "write each: body.items, or flat_file: {…}")
      return
    }
    scope.report(
      "conflicting-options", at: splitter.location, "\(scope.subject) takes either each or one splitter, found both",
      help: "leave one of them out")
  }
}

/// What `split` does with the parts.
struct PartOptions: Options {
  enum Collect: String, OptionEnum { case list, failures }

  @Option(help: "the list whose elements are the parts, each as a JSON body; instead of a splitter", default: "none")
  var each: Selection? = nil

  @Option(help: "what to run on each part")
  var steps: MainSteps

  @Option(
    help: "what to run on a part that fails or cannot be read, with the variable failure; the others go on",
    default: "none: the first failed part fails the message")
  var onFailure: Block? = nil

  @Option(help: "how many parts to work on at once; more than one means in no order", range: 1...1_000)
  var parallel: Int = 1

  @Option(
    help:
      "make the bodies of the parts the new body, as a list: those of the parts that succeeded, or of those that failed, as on_failure left them",
    default: "the message stays as it was")
  var collect: Collect? = nil

  func validate(_ node: Node, in scope: LoadScope) {
    guard collect == .failures, onFailure == nil, let place = node["collect"] else { return }
    scope.report(
      "conflicting-options", at: place.location, "\(scope.subject): collect: failures needs on_failure",
      help: "write on_failure: [ { map: { line: \"${ failure.line }\", reason: \"${ failure.reason }\" } } ]")
  }

  /// The names of the options.
  var names: [String] {
    guard case .fields(let fields) = Self.shape else { return [] }
    return fields.map(\.name)
  }
}
