internal import Omnibus

/// The options of `bulkhead`.
struct BulkheadOptions: Options {
  @Option(help: "how many messages may be within it at once", range: 1...1_000_000)
  var limit: Int = 10

  @Option(help: "how many more may wait for a place, in the order in which they came", range: 0...1_000_000)
  var queue: Int = 0

  @Option(
    help: "how long one may wait", default: "as long as it takes",
    check: { $0.map { $0 > .zero } ?? true ? nil : "must be more than nothing" })
  var wait: Duration? = nil

  func validate(_ node: Node, in scope: LoadScope) {
    guard let wait = node["wait"], queue == 0 else { return }
    scope.report(
      "conflicting-options", at: wait.location, "\(scope.subject): wait has no meaning where no message may wait",
      help: "leave it out, or write queue: 10")
  }
}
