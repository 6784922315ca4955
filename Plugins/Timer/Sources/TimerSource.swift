internal import Omnibus
internal import OmnibusReactor

/// Hands on a message at each tick, one at a time: a tick that comes while the message of an earlier one is still worked
/// on is left out, and of those while the route is paused all but the first, which waits. A message that fails is not the end of the timer.
struct TimerSource: Source {
  enum Schedule: Sendable {
    case every(Duration)
    case cron(CronExpression)
  }

  let schedule: Schedule

  var spanKind: Span.Origin.Kind { .internal }

  var summary: String {
    switch schedule {
    case .every(let period): "every \(period.text)"
    case .cron: "cron"
    }
  }

  func run(_ deliver: Deliver) async throws {
    deliver.ready()
    switch schedule {
    case .every(let period): try await tick(every: period, deliver)
    case .cron(let expression): try await tick(by: expression, deliver)
    }
  }

  /// Ticks stand on a grid that starts when the source does, however long messages take.
  private func tick(every period: Duration, _ deliver: Deliver) async throws {
    let clock = deliver.context.clock
    let step = max(period.nanosecondsClamped, 1)
    let start = clock.now
    while !deliver.stop.isStopped {
      let left = step - (clock.now - start) % step
      guard try await clock.sleep(for: .nanoseconds(Int64(clamping: left)), unless: deliver.stop) else { return }
      guard let admission = try await deliver.admit() else { return }
      try await hand(on: clock.wallTime, admission, deliver)
    }
  }

  /// Waits for a minute at the most at a time, so that a calendar that was set is seen.
  private func tick(by expression: CronExpression, _ deliver: Deliver) async throws {
    let clock = deliver.context.clock
    var due = expression.next(after: Int64(clock.wallTime))
    while !deliver.stop.isStopped {
      let left = Double(due) - clock.wallTime
      guard left <= 0 else {
        guard try await clock.sleep(for: .seconds(min(left, 60)), unless: deliver.stop) else { return }
        continue
      }
      guard let admission = try await deliver.admit() else { return }
      try await hand(on: Double(due), admission, deliver)
      due = expression.next(after: Int64(clock.wallTime))
    }
  }

  private func hand(on time: Double, _ admission: Admission, _ deliver: Deliver) async throws {
    defer { admission.end() }
    var message = Message()
    message.delivery = Delivery(received: deliver.context.clock.wallTime, admission: admission)
    let seconds = time.rounded(.down)
    let tick = Timestamp(seconds: Int64(seconds), nanoseconds: Int32((time - seconds) * 1000) * 1_000_000)
    message.properties["timer"] = .map(ValueMap([("time", .timestamp(tick))]))
    do {
      try await deliver(&message)
    } catch {
      // The engine has logged the failure, and a message that failed is not the end of the timer; being cancelled is.
      try Task.checkCancellation()
    }
  }
}
