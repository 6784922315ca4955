internal import Logging
public import Omnibus
public import OmnibusEngine
public import OmnibusHTTP
public import OmnibusReactor
internal import Synchronization

/// Sends the spans that a tracer has gathered to a collector, by OTLP/HTTP: in batches, again while the collector cannot
/// take them, and never in the way of a message. While it cannot send, the tracer fills up, and drops what comes then.
public final class TraceExporter: Sendable {
  /// How spans are sent; `HTTPClient.send` but in tests.
  public typealias Send = @Sendable (HTTPClientRequest) async throws -> HTTPClientResponse

  static let interval = Duration.seconds(1)
  static let batch = 512
  /// How long all that is sent at the end may take together.
  static let lastSends = Duration.seconds(5)
  private static let pauses = (first: Duration.seconds(1), last: Duration.seconds(30))
  /// How often a batch is sent at the most: for about four minutes.
  private static let attempts = 12

  private enum Outcome {
    case taken(rejected: Int)
    case refused(String)
    case again(after: Duration?, String)
  }

  private let tracer: Tracer
  private let options: TraceOptions
  private let resource: [(name: String, value: String)]
  private let version: String
  private let clock: any EngineClock
  private let blocking: BlockingExecutor
  private let logger: Logger
  private let send: Send
  private let stopSignal = StopSignal()
  private let task = Mutex<Task<Void, Never>?>(nil)
  private let exported: Counter
  private let lost: Counter
  private let failures: Counter
  private let observations: [Observation]

  /// An exporter of what `tracer` gathers.
  public init(
    _ tracer: Tracer, _ options: TraceOptions, version: String, environment: EngineEnvironment, send: Send? = nil
  ) {
    self.tracer = tracer
    self.options = options
    self.version = version
    resource = TraceResource.attributes(serviceName: options.serviceName, version: version)
    clock = environment.clock
    blocking = environment.blocking
    logger = environment.logger
    let client = HTTPClient(reactors: environment.reactors)
    self.send = send ?? { request in try await client.send(request) }
    let metrics = environment.metrics
    exported = metrics.counter("omnibus_spans_exported_total", "Spans that the collector has taken.")
    lost = metrics.counter(
      "omnibus_spans_lost_total", "Spans that the collector refused, or could not take for too long.")
    failures = metrics.counter("omnibus_span_export_failures_total", "Attempts to send spans that failed.")
    observations = [
      metrics.observe("omnibus_spans_recorded_total", "Spans that were recorded.", as: .counter) {
        Double(tracer.recorded)
      },
      metrics.observe(
        "omnibus_spans_dropped_total", "Spans that found no room, as too many wait or their trace has too many.",
        as: .counter
      ) { Double(tracer.dropped) },
    ]
  }

  /// Begins to send, on a reactor.
  public func start(on reactors: ReactorGroup) {
    task.withLock { task in
      guard task == nil else { return }
      task = Task.detached(executorPreference: reactors.next()) { [self] in await run() }
    }
  }

  /// Sends what there is, once, and ends, after five seconds at the latest.
  public func stop() async {
    stopSignal.signal()
    guard let task = task.withLock({ $0 }) else { return }
    let overdue = clock.schedule(after: Self.lastSends) { task.cancel() }
    await task.value
    overdue.cancel()
  }

  private func run() async {
    var isLast: Bool
    repeat {
      _ = try? await clock.sleep(for: Self.interval, unless: stopSignal)
      isLast = stopSignal.isStopped
      await export()
    } while !isLast
  }

  /// Sends all that was gathered so far. At the end a batch that fails is the last that is tried: the program is to stop.
  private func export() async {
    var spans = tracer.take()[...]
    while !spans.isEmpty {
      if Task.isCancelled { return lose(Array(spans), "the engine stops") }
      let isSent = await export(Array(spans.prefix(Self.batch)))
      spans = spans.dropFirst(Self.batch)
      if !isSent, stopSignal.isStopped, !spans.isEmpty { return lose(Array(spans), "the engine stops") }
    }
  }

  /// Sends a batch, as often as it takes; false where it was lost.
  private func export(_ spans: [Span]) async -> Bool {
    // To write and to compress that much is nothing to hold a reactor for.
    guard let request = try? await blocking.run({ [self] in request(spans) }) else {
      lose(spans, "they could not be written")
      return false
    }
    var pause = Self.pauses.first
    for attempt in 1... {
      switch await attemptOnce(request) {
      case .taken(let rejected):
        exported.add(max(spans.count - rejected, 0))
        lost.add(min(max(rejected, 0), spans.count))
        return true
      case .refused(let reason):
        lose(spans, reason)
        return false
      case .again(let wish, let reason):
        failures.add()
        if attempt == 1 { logger.warning("traces cannot be sent for now", metadata: ["reason": "\(reason)"]) }
        guard attempt < Self.attempts, !stopSignal.isStopped else {
          lose(spans, reason)
          return false
        }
        // Half of the pause at random, so that many engines do not come back at once.
        let jittered = pause / 2 + .milliseconds(Int64.random(in: 0...pause.milliseconds / 2))
        _ = try? await clock.sleep(for: min(max(wish ?? .zero, jittered), Self.pauses.last), unless: stopSignal)
        pause = min(pause * 2, Self.pauses.last)
      }
    }
    return false
  }

  private func lose(_ spans: [Span], _ reason: String) {
    lost.add(spans.count)
    logger.warning("traces are lost", metadata: ["spans": "\(spans.count)", "reason": "\(reason)"])
  }

  private func request(_ spans: [Span]) -> HTTPClientRequest {
    var request = HTTPClientRequest(
      method: "POST", url: options.endpoint, timeout: .seconds(5), connectTimeout: .seconds(5), maxResponse: 64 << 10)
    request.headers.append("content-type", "application/json")
    request.headers.append("content-encoding", "gzip")
    for (name, value) in options.headers.entries { request.headers.append(name, value.reveal) }
    request.content = .bytes(Gzip.encode(OTLPTraces.request(spans, resource: resource, version: version)))
    return request
  }

  /// What the collector says ("OTLP/HTTP Response"): 200 takes all, or says how many it rejects; 429, 502, 503 and 504
  /// ask to come again.
  private func attemptOnce(_ request: HTTPClientRequest) async -> Outcome {
    do {
      let response = try await send(request)
      switch response.status {
      case 200..<300: return .taken(rejected: rejected(response))
      case 429, 502, 503, 504:
        let wish = response.headers["retry-after"].flatMap(Int64.init).map { Duration.seconds(min(max($0, 0), 30)) }
        return .again(after: wish, "the collector answered \(response.status)")
      default: return .refused("the collector answered \(response.status)")
      }
    } catch {
      let failure = Failure(error)
      return failure.kind == .invalid ? .refused(failure.reason) : .again(after: nil, failure.reason)
    }
  }

  /// The spans that the collector says it did not take (`partial_success`).
  private func rejected(_ response: HTTPClientResponse) -> Int {
    guard case .bytes(let bytes) = response.body, !bytes.isEmpty, let document = try? JSONDocument(parsing: bytes),
      let count = document.root.member("partialSuccess")?.member("rejectedSpans")
    else { return 0 }
    return count.int.map { Int(clamping: $0) } ?? count.string.flatMap(Int.init) ?? 0
  }
}

extension Duration {
  /// Whole milliseconds.
  fileprivate var milliseconds: Int64 { Int64(nanosecondsClamped / 1_000_000) }
}
