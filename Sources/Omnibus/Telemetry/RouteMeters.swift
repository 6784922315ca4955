internal import OmnibusReactor

/// What is counted and measured of a route as a whole, and its spans.
package final class RouteMeters: Sendable {
  private let started: Counter
  private let completed: Counter
  private let stopped: Counter
  private let failed: Counter
  private let failures: [Failure.Kind: Counter]
  private let duration: Histogram
  private let underWay: Observation
  private let tracer: Tracer?
  private let origin: Span.Origin

  /// The meters of the route that `context` names, whose messages come from `source`.
  package init(_ context: Context, of source: any Source) {
    let metrics = context.metrics
    let route = (name: "route", value: context.route)
    func outcome(_ outcome: String) -> Counter {
      metrics.counter(
        "omnibus_route_messages_total", "Messages that a route was done with, by what became of them.",
        [route, ("outcome", outcome)])
    }
    let started = metrics.counter(
      "omnibus_route_messages_started_total", "Messages that a route has begun to work on.", [route])
    let ended = [outcome("completed"), outcome("stopped"), outcome("failed")]
    (completed, stopped, failed) = (ended[0], ended[1], ended[2])
    failures = Dictionary(
      uniqueKeysWithValues: Failure.Kind.allCases.map { kind in
        let counter = metrics.counter(
          "omnibus_route_failures_total", "Messages that failed in a route, by the kind of failure.",
          [route, ("kind", kind.rawValue)])
        return (kind, counter)
      })
    duration = metrics.histogram(
      "omnibus_route_duration_seconds", "How long a route worked on a message, from its source's hand to the end.",
      [route])
    underWay = metrics.observe(
      "omnibus_route_messages_under_way", "Messages that a route works on at present.", [route]
    ) {
      // What has ended is read first, so that the difference is never negative.
      let ended = ended.reduce(0) { $0 + $1.value }
      return Double(max(started.value - ended, 0))
    }
    self.started = started
    tracer = context.services[Tracer.self]
    origin = Span.Origin(
      context.route, source.spanKind,
      [("omnibus.route", context.route), ("omnibus.revision", context.revision)])
  }

  /// The route's handler, measured.
  package func measuring(_ handler: Handler) -> Handler {
    Handler { message, context in
      let start = MonotonicTime.now
      let parent = self.begin(&message, context)
      let (id, trace) = (message.id, message.trace)
      do {
        let next = try await handler(&message, context)
        (next == .stop ? self.stopped : self.completed).add()
        self.end(id, trace, parent, start, nil)
        return next
      } catch {
        let failure = Failure(error)
        self.failed.add()
        self.failures[failure.kind]?.add()
        self.end(id, trace, parent, start, failure.kind)
        message.trace = trace
        throw error
      }
    }
  }

  /// Counts the message in, and puts it into its trace; answers the span that the route's is within.
  private func begin(_ message: inout Message, _ context: Context) -> SpanID? {
    var watch: MessageWatch = started.next() & (MessageWatch.period - 1) == 1 ? .timed : []
    defer { message.watch = watch }
    if message.trace == nil { message.trace = TraceContext(message.headers) }
    guard let tracer else { return nil }
    let outer = tracer.context(under: message.trace, wallTime: context.clock.wallTime)
    message.trace = outer
    if outer.recording != nil {
      watch.insert(.traced)
    } else if outer.spanID.value != 0 {
      // Nothing is recorded here, so what came in is handed on as it was (W3C Trace Context, 3.4).
      return nil
    }
    message.trace = outer.child(SpanID())
    return outer.spanID.value == 0 ? nil : outer.spanID
  }

  private func end(_ id: MessageID, _ trace: TraceContext?, _ parent: SpanID?, _ start: UInt64, _ kind: Failure.Kind?) {
    let end = MonotonicTime.now
    duration.record(nanoseconds: end &- start)
    guard let trace, let recording = trace.recording else { return }
    recording.add(origin, trace, in: parent, id, from: start, to: end, kind)
  }
}
