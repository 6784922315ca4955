internal import Omnibus
internal import OmnibusReactor

/// The options of `rate_limit`.
struct RateLimitOptions: Options {
  static let most = 1_000_000

  @Option(
    help: "how many messages may pass in a time, evenly spread",
    check: { $0.isTooMuch ? "must be at most \(most)/s" : nil })
  var rate: Rate

  @Option(
    help: "how many may pass at once after a pause", default: "as many as the rate names",
    check: { $0.map { 1...most ~= $0 } ?? true ? nil : "must be 1 to \(most)" })
  var burst: Int? = nil

  @Option(help: "how long a message may wait for its turn", default: "none, it is refused at once")
  var wait: Duration = .zero

  @Option(help: "an expression: messages with the same value share a limit, others have their own", default: "none")
  var key: StateKey? = nil

  @Option(help: "how many values of key are kept, the last ones used; others begin anew", range: 1...1_000_000)
  var keys: Int = 10_000

  func validate(_ node: Node, in scope: LoadScope) {
    guard key == nil, let keys = node["keys"] else { return }
    scope.report(
      "conflicting-options", at: keys.location, "\(scope.subject): keys has no meaning without key",
      help: "leave it out, or write key: headers[\"x-partner\"]")
  }

  var pace: TokenBucket.Pace {
    let interval = rate.interval
    return TokenBucket.Pace(
      interval: interval, capacity: interval * UInt64(burst ?? min(rate.count, Self.most)),
      longestWait: min(wait.nanosecondsClamped, Duration.seconds(86_400).nanosecondsClamped))
  }
}

extension Rate {
  /// The nanoseconds between two.
  fileprivate var interval: UInt64 { per.nanosecondsClamped / UInt64(count) }

  /// Whether the nanoseconds between two are too few to tell by them.
  fileprivate var isTooMuch: Bool { interval < 1_000 }
}
