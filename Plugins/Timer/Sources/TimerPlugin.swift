public import Omnibus

extension Plugin {
  /// Starts a route at given times.
  public static let timer = Plugin(
    name: "timer", version: "0.1.0",
    components: [
      .source(
        "timer", "Hands on an empty message every so often, or at the times of a cron expression.", TimerOptions.self
      ) {
        options, _ in
        if let cron = options.cron { return TimerSource(schedule: .cron(cron)) }
        return TimerSource(schedule: .every(options.every ?? .seconds(60)))
      }
    ])
}

/// The options of `timer`.
struct TimerOptions: Options {
  @Option(
    help: "the time from one tick to the next; the first comes when it has passed once", default: "none",
    check: { $0.map { $0 > .zero } ?? true ? nil : "must be more than nothing" })
  var every: Duration? = nil

  @Option(
    help: "the ticks as minute, hour, day of month, month and day of week, in UTC", default: "none")
  var cron: CronExpression? = nil

  func validate(_ node: Node, in scope: LoadScope) {
    switch (every, cron) {
    case (nil, nil):
      scope.report(
        "missing-option", at: node.location, "\(scope.subject) needs the option \"every\" or \"cron\"",
        help: "write every: 10s")
    case (_?, _?):
      scope.report(
        "conflicting-options", at: node["cron"]?.location ?? node.location,
        "\(scope.subject) takes either every or cron, found both", help: "leave one of them out")
    default: break
    }
  }
}
