import Logging
import Omnibus
import OmnibusEngine
import OmnibusReactor
import OmnibusTesting
import Synchronization
import Testing

/// A source that tests feed by hand, and steps that say when they run.
struct Sample {
  /// Every source that was started, by the name it was given, and how often.
  let started = Recorder<String>()
  /// Every source that ended.
  let ended = Recorder<String>()
  /// Both, in order.
  let events = Recorder<String>()
  /// What `mark` steps wrote.
  let marks = Recorder<String>()
  /// Tells `hold` steps to go on.
  let release = StopSignal()
  /// The running sources by name.
  let feeds = Feeds()
  /// Breakers that were made, which tests open and close.
  let breakers = Recorder<SampleBreaker>()
  /// Middleware with places that was made.
  let places = Recorder<SamplePlaces>()
  /// Steps with a connection that were made.
  let peers = Recorder<SamplePeer>()
  /// Names whose `prepare` fails.
  let broken = Recorder<String>()
  /// Sources that are being prepared; `waits` waits there until it is cancelled, `meets` until there are two.
  let prepared = Recorder<String>()

  /// An engine with the sample's components, and what its files say.
  func engine(clock: ManualClock = ManualClock(), metrics: Metrics = Metrics(), services: Services = Services())
    -> Engine
  {
    Engine(
      plugins: [plugin],
      environment: EngineEnvironment(
        reactors: Context.testing().reactors, clock: clock,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        settings: SettingsReader { ["GREETING": "hello"][$0] }, metrics: metrics, services: services))
  }

  /// Hands a message to the source called `name`; answers what came of it.
  func send(_ name: String, admitted admission: Admission? = nil) async throws -> Next {
    let deliver = try #require(feeds[name])
    var message = Message()
    if let admission { message.delivery = Delivery(received: 0, admission: admission) }
    return try await deliver(&message)
  }

  var plugin: Plugin {
    Plugin(
      name: "sample", version: "1.0.0",
      components: [
        .source("feed", "Takes what a test sends.", FeedOptions.self) { options, _ in
          Feed(sample: self, options: options)
        },
        .step("mark", "Says that it ran.", MarkOptions.self) { options, _ in
          let text = options.text
          return ClosureStep { [marks] in marks.append(text) }
        },
        .step("breaking", "Fails.", NoOptions.self) { _, _ in
          ClosureStep { throw Failure(.rejected, "it is not wanted") }
        },
        .step("hold", "Waits until the test lets it go.", NoOptions.self) { _, _ in
          ClosureStep { [release, marks] in
            marks.append("held")
            await release.wait()
            try Task.checkCancellation()
          }
        },
        .middleware("around", "Says that it ran.", MarkOptions.self) { [marks] options, _ in
          Around(text: options.text, marks: marks)
        },
        .middleware("breaker", "Opens when the test says so.", MarkOptions.self) { [breakers] _, context in
          let breaker = SampleBreaker(resource: context.resource, place: context.place)
          breakers.append(breaker)
          return breaker
        },
        .middleware("places", "Has one place.", MarkOptions.self) { [places] _, _ in
          let made = SamplePlaces()
          places.append(made)
          return made
        },
        .destination("peer", "Keeps a connection.", FeedOptions.self, answers: false) { options, _ in
          let peer = SamplePeer(options.name, broken)
          peers.append(peer)
          return peer
        },
        .destination("sink", "Takes messages, and answers nothing.", FeedOptions.self, answers: false) { _, _ in
          ClosureStep {}
        },
      ])
  }
}

struct FeedOptions: Options {
  @Option(help: "its name") var name: String
  @Option(help: "whether it may run beside its successor") var overlaps: Bool = false
}

struct MarkOptions: Options {
  @Option(help: "what to say") var text: String = ""
}

/// The running sources of a sample, by name.
final class Feeds: Sendable {
  private let feeds = Mutex<[String: Deliver]>([:])

  subscript(_ name: String) -> Deliver? {
    get { feeds.withLock { $0[name] } }
    set { feeds.withLock { $0[name] = newValue } }
  }
}

struct Feed: Source {
  let sample: Sample
  let options: FeedOptions

  var summary: String { options.name }
  var mayOverlap: Bool { options.overlaps }
  var claims: [SourceClaim] { ["feed \(options.name)"] }

  func prepare() async throws {
    sample.prepared.append(options.name)
    if options.name.hasPrefix("waits") { await StopSignal().wait() }
    if options.name.hasPrefix("meets") { await sample.prepared.wait(for: 2) }
    if sample.broken.all.contains(options.name) { throw Failure(.unavailable, "the address is taken") }
  }

  func run(_ deliver: Deliver) async throws {
    sample.started.append(options.name)
    sample.events.append("\(options.name) started")
    sample.feeds[options.name] = deliver
    deliver.ready()
    await deliver.stop.wait()
    // What holds a route's function holds the route.
    if sample.feeds[options.name]?.stop === deliver.stop { sample.feeds[options.name] = nil }
    sample.ended.append(options.name)
    sample.events.append("\(options.name) ended")
  }
}

struct ClosureStep: Step {
  let body: @Sendable () async throws -> Void

  init(_ body: @escaping @Sendable () async throws -> Void) { self.body = body }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    try await body()
    return .next
  }
}

struct Around: Middleware {
  let text: String
  let marks: Recorder<String>

  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
    marks.append("\(text) in")
    defer { marks.append("\(text) out") }
    return try await next(&message, context)
  }
}
