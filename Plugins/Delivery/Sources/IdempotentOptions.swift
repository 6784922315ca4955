internal import Omnibus
internal import OmnibusExpression

/// The options of `idempotent`.
struct IdempotentOptions: Options {
  enum Duplicate: String, OptionEnum { case stop, `continue` }

  @Option(help: "what names the work, a text or a number: body.order.number")
  var key: Selection

  @Option(
    help: "how long a key is remembered after its work was done",
    check: { $0 > .zero ? nil : "must be more than nothing" })
  var keep: Duration = .seconds(7 * 86_400)

  @Option(
    help: "whose keys they are: all that name one scope know each other's", default: "the route, or the step of it",
    check: { $0.map { !$0.isEmpty } ?? true ? nil : "must not be empty" })
  var scope: String? = nil

  @Option(help: "how long a message waits while another with its key is being worked on; then it is overloaded")
  var wait: Duration = .seconds(30)

  @Option(
    help:
      "what becomes of a message whose work was done: it ends, successfully and without a body, or goes on behind this")
  var onDuplicate: Duplicate = .stop
}
