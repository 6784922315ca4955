import Logging
import Omnibus
import Testing

@testable import OmnibusTesting

/// Sources that break a rule each: the suite must find it.
@Suite("faulty sources", .serialized)
struct FaultySourceTests {
  enum Fault: CaseIterable, Sendable {
    case neverReady, losesBodies, sameID, acknowledgesEarly, acknowledgesFailures, endsWithFailure, deliversTwice
    case ignoresCancel, ignoresStop, breaksOffOnStop, keepsWhatItPrepared, logsBodies

    var rule: Rule {
      switch self {
      case .neverReady: .ready
      case .losesBodies: .complete
      case .sameID: .uniqueIDs
      case .acknowledgesEarly: .acknowledgedAfterDelivery
      case .acknowledgesFailures: .failureRefuses
      case .endsWithFailure: .failureIsNoEnd
      case .deliversTwice: .deliveredOnce
      case .ignoresCancel: .cancelGivesUp
      case .ignoresStop: .stopsWhenIdle
      case .breaksOffOnStop: .gracefulStop
      case .keepsWhatItPrepared: .prepareReleases
      case .logsBodies: .noPayload
      }
    }
  }

  @Test("are found out", arguments: Fault.allCases) func foundOut(fault: Fault) async {
    let memory = MemorySystem()
    let held = Recorder<Bool>()
    let plugin = Plugin(
      name: "faulty", version: "1",
      components: [
        .source("faulty", "Breaks a rule.", FaultyOptions.self) { options, _ in
          FaultySource(inner: MemorySource(name: options.name, system: memory), fault: fault, held: held)
        }
      ])
    let suite = SourceSuite(name: "faulty", plugins: [plugin]) { _ in MemorySender(memory: memory) }
    let findings = await Examination.$patience.withValue(.milliseconds(400)) { await suite.run() }
    #expect(findings.contains { $0.rule == fault.rule }, "\(fault): found \(Set(findings.map(\.rule.name)))")
  }
}

/// The options of what is faulty.
struct FaultyOptions: Options {
  @Option(help: "the name of the other side") var name: String
}

private struct FaultySource: Source {
  let inner: MemorySource
  let fault: FaultySourceTests.Fault
  let held: Recorder<Bool>

  var summary: String { inner.summary }
  var claims: [SourceClaim] { inner.claims }
  var mayOverlap: Bool { true }

  func prepare() async throws {
    guard fault == .keepsWhatItPrepared else { return }
    // Nobody can prepare before the last one that did has run.
    guard held.all.count % 2 == 0 else {
      throw Failure(.unavailable, "it is taken")
    }
    held.append(true)
  }

  func run(_ deliver: Deliver) async throws {
    if fault == .keepsWhatItPrepared { held.append(false) }
    let stop = fault == .ignoresStop || fault == .endsWithFailure ? StopSignal() : deliver.stop
    if fault == .endsWithFailure { deliver.stop.onStop { stop.signal() } }
    let ready: @Sendable () -> Void = { if fault != .neverReady { deliver.ready() } }
    let route: Handler.Body = { message, _ in try await hand(&message, deliver, stop) }
    let faulty = Deliver(context: deliver.context, stop: stop, ready: ready, route: route)
    let work = Task { [inner] in try await inner.run(faulty) }
    if fault == .breaksOffOnStop { deliver.stop.onStop { work.cancel() } }
    guard fault != .ignoresCancel else { return try await work.value }
    try await withTaskCancellationHandler {
      try await work.value
    } onCancel: {
      work.cancel()
    }
  }

  private func hand(_ message: inout Message, _ deliver: Deliver, _ stop: StopSignal) async throws -> Next {
    switch fault {
    case .losesBodies: message.body = .bytes([])
    case .sameID: message.id = Self.id
    case .logsBodies:
      let text = String(decoding: try message.bodyBytes(), as: UTF8.self)
      deliver.context.logger.info("took \(text)")
    case .deliversTwice:
      var copy = message
      try await deliver(&copy)
    case .acknowledgesEarly:
      let copy = message
      Task {
        var message = copy
        try await deliver(&message)
      }
      return .next
    default: break
    }
    do {
      return try await deliver(&message)
    } catch {
      if fault == .acknowledgesFailures { return .next }
      if fault == .endsWithFailure { stop.signal() }
      throw error
    }
  }

  private static let id = MessageID()
}
