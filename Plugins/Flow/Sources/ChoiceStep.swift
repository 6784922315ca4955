internal import Omnibus
internal import OmnibusExpression

/// Runs the first branch whose condition holds. The choice ends as the branch does: one that
/// stops ends the run that the choice stands in.
struct ChoiceStep: Step {
  let branches: [Choice.Branch]

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    for branch in branches where try branch.condition?.evaluate(&message, context) ?? true {
      return try await branch.steps.run(&message)
    }
    return .next
  }
}

/// The branches of `choice`: `{ when, steps }`, the last may be `{ otherwise: [steps] }`.
struct Choice: OptionValue {
  struct Branch: Sendable {
    /// Nil where the branch is taken when no other is.
    var condition: Condition?
    var steps: Block
  }

  let branches: [Branch]

  static var shape: OptionShape { .list(BranchOptions.shape) }

  static func decode(_ node: Node, in scope: LoadScope) -> Choice? {
    guard let options = [BranchOptions].decode(node, in: scope), let elements = node.elements else { return nil }
    guard !elements.isEmpty else {
      scope.report(
        "missing-option", at: node.location, "\(scope.subject) needs at least one branch",
        help: "write - when: body.id != \"\" and steps: […]")
      return nil
    }
    for (option, element) in zip(options, elements).dropLast() where option.otherwise != nil {
      scope.report(
        "misplaced-branch", at: element["otherwise"]?.location ?? element.location,
        "\(scope.subject): otherwise must be the last branch, found others after it", help: "move it to the end")
      return nil
    }
    return Choice(
      branches: options.compactMap { option in
        (option.steps ?? option.otherwise).map { Branch(condition: option.when, steps: $0) }
      })
  }
}

/// One branch of `choice`.
struct BranchOptions: Options {
  @Option(help: "the condition of the branch", default: "none") var when: Condition? = nil
  @Option(help: "what runs where the condition holds", default: "none") var steps: Block? = nil
  @Option(help: "what runs where no condition held; beside nothing else", default: "none") var otherwise: Block? = nil

  func validate(_ node: Node, in scope: LoadScope) {
    if otherwise != nil {
      guard let other = node["when"] ?? node["steps"] else { return }
      scope.report(
        "conflicting-options", at: other.location, "\(scope.subject): otherwise has no when and steps beside it",
        help: "write - otherwise: [steps]")
    } else if when == nil || steps == nil {
      scope.report(
        "missing-option", at: node.location, "\(scope.subject) needs \(when == nil ? "when" : "steps") in each branch",
        help: "write - when: condition and steps: […], or - otherwise: […]")
    }
  }
}
