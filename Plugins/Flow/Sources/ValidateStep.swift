internal import Omnibus
internal import OmnibusExpression

/// The options of `validate`.
struct ValidateOptions: Options {
  @Option(help: "what must hold", check: { $0.isEmpty ? "must hold at least one rule" : nil })
  var rules: [ValidationRule]
}

/// One rule of `validate`.
struct ValidationRule: Options {
  @Option(help: "the condition that must hold") var that: Condition
  @Option(help: "what to say where it does not") var message: String
  @Option(help: "the field that the rule is about", default: "none") var field: String? = nil
}

/// Fails the message, as `invalid`, with every rule that it breaks. A rule whose condition cannot be evaluated, such as
/// one about a field that is absent, is broken.
struct ValidateStep: Transformer {
  private let rules: [(condition: Condition, message: String, field: String?)]

  init(_ options: ValidateOptions) { rules = options.rules.map { ($0.that, $0.message, $0.field) } }

  func transform(_ message: inout Message, _ context: Context) throws {
    var problems: [Failure.Problem] = []
    for rule in rules {
      do throws(Failure) {
        if try rule.condition.evaluate(&message, context) { continue }
        problems.append(Failure.Problem(rule.message, place: rule.field))
      } catch {
        // A body that cannot be read breaks no rule, it is a failure of its own.
        try message.decodeBody(context.formats)
        problems.append(
          Failure.Problem("\(rule.message) (could not be evaluated: \(error.reason))", place: rule.field))
      }
    }
    guard !problems.isEmpty else { return }
    throw Failure(.invalid, "\(problems.count) of \(rules.count) rules are broken", problems: problems)
  }
}
