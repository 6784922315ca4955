internal import Omnibus
internal import OmnibusReactor

/// The options of `circuit_breaker`.
struct CircuitBreakerOptions: Options {
  static let percentages = Percentage(percent: 1)...Percentage(percent: 100)

  @Option(help: "opens when at least this part of the calls in the window failed", range: percentages)
  var failureRate: Percentage = Percentage(percent: 50)

  @Option(help: "opens when at least this part of them was slow, whether or not they failed", range: percentages)
  var slowCallRate: Percentage = Percentage(percent: 100)

  @Option(
    help: "what takes longer is slow", default: "none, no call is slow",
    check: { $0.map { $0 > .zero } ?? true ? nil : "must be more than nothing" })
  var slowCallDuration: Duration? = nil

  @Option(help: "the calls that count: the last so many, or those of a time such as 10s", default: .code("20"))
  var window: BreakerWindow = BreakerWindow(size: .calls(20))

  @Option(help: "opens only when there are this many calls in the window", range: 1...10_000)
  var minimumCalls: Int = 10

  @Option(help: "how long it refuses calls before it tries some again", range: .milliseconds(1) ... .seconds(86_400))
  var openFor: Duration = .seconds(30)

  @Option(help: "how many calls are tried then, before it closes or opens again by how they went", range: 1...1_000)
  var trialCalls: Int = 3

  @Option(help: "whether a route with it takes no messages while it is open, where its source can wait")
  var pauseSource: Bool = false

  @Option(
    help: "the kinds of failures that count as such; with others what was called has answered",
    default: "the transient ones",
    check: { $0?.contains(.cancelled) == true ? "cannot hold cancelled, which never counts" : nil })
  var on: [Failure.Kind]? = nil

  func validate(_ node: Node, in scope: LoadScope) {
    if case .calls(let count) = window.size, minimumCalls > count {
      scope.report(
        "conflicting-options", at: (node["minimum_calls"] ?? node["window"] ?? node).location,
        "\(scope.subject): a window of \(count) calls never holds minimum_calls, which is \(minimumCalls)",
        help: "write minimum_calls: \(count), or a larger window")
    }
    if slowCallDuration == nil, let rate = node["slow_call_rate"] {
      scope.report(
        "conflicting-options", at: rate.location,
        "\(scope.subject): slow_call_rate has no meaning without slow_call_duration",
        help: "leave it out, or write slow_call_duration: 5s")
    }
  }

  var settings: BreakerMachine.Settings {
    BreakerMachine.Settings(
      failureRate: failureRate, slowCallRate: slowCallRate, slowAfter: slowCallDuration?.nanosecondsClamped,
      window: window.size, minimumCalls: minimumCalls, openFor: openFor.nanosecondsClamped, trialCalls: trialCalls)
  }
}

/// The option `window` of `circuit_breaker`: a number of calls, or a time.
struct BreakerWindow: OptionValue {
  let size: CallWindow.Size

  static var shape: OptionShape { .either([Int.shape, Duration.shape]) }

  static func decode(_ node: Node, in scope: LoadScope) -> BreakerWindow? {
    if let count = node.text.flatMap({ Int($0) }) {
      guard 1...10_000 ~= count else { return outOfRange(node, "1 to 10000 calls", scope) }
      return BreakerWindow(size: .calls(count))
    }
    guard let time = Duration.decode(node, in: scope) else { return nil }
    guard .milliseconds(100) ... .seconds(86_400) ~= time else { return outOfRange(node, "100ms to 24h", scope) }
    return BreakerWindow(size: .time(time))
  }

  private static func outOfRange(_ node: Node, _ range: String, _ scope: LoadScope) -> BreakerWindow? {
    scope.report(
      "invalid-option", at: node.location, "\(scope.subject) is out of range", help: "write a value from \(range)")
    return nil
  }
}
