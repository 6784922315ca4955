internal import Omnibus

/// The options of `retry`.
struct RetryOptions: Options {
  @Option(help: "how often to try at the most, the first time counted", range: 1...1_000_000)
  var attempts: Int = 3

  @Option(help: "how long to wait before trying again")
  var backoff: BackoffOptions = BackoffOptions()

  @Option(
    help: "the time from the first attempt after which none is started", default: "none",
    check: { $0.map { $0 > .zero } ?? true ? nil : "must be more than nothing" })
  var budget: Duration? = nil

  @Option(
    help: "the kinds of failures to try again after; outcome_unknown only where doing it twice does no harm",
    default: .code("[unavailable, timeout, overloaded]"),
    check: { $0.contains(.cancelled) ? "cannot hold cancelled, which ends a retry at once" : nil })
  var on: [Failure.Kind] = [.unavailable, .timeout, .overloaded]
}

/// The option `backoff` of `retry`.
struct BackoffOptions: Options {
  enum Growth: String, OptionEnum { case constant, linear, exponential }

  @Option(help: "the wait after the first attempt")
  var initial: Duration = .milliseconds(200)

  @Option(help: "how the wait grows: not at all, by the first wait, or by the factor")
  var type: Growth = .exponential

  @Option(help: "what an exponential wait is multiplied by", range: 1...1_000)
  var factor: Double = 2

  @Option(help: "the longest wait; one who asks for a longer one (retry-after) is not asked again")
  var max: Duration = .seconds(30)

  @Option(help: "how much of the wait is left to chance: nothing, a half, or all of it")
  var jitter: Backoff.Jitter = .full

  /// The waits that the options describe.
  var backoff: Backoff {
    Backoff(
      initial: initial,
      growth: type == .constant ? .constant : type == .linear ? .linear : .exponential(factor: factor), max: max,
      jitter: jitter)
  }

  func validate(_ node: Node, in scope: LoadScope) {
    guard let factor = node["factor"], type != .exponential else { return }
    scope.report(
      "conflicting-options", at: factor.location, "\(scope.subject): factor has no meaning with type \(type)",
      help: "leave it out, or write type: exponential")
  }
}
