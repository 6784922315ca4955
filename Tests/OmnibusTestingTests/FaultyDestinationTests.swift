import Omnibus
import Testing

@testable import OmnibusTesting

/// Destinations that break a rule each: the suite must find it.
@Suite("faulty destinations", .serialized)
struct FaultyDestinationTests {
  enum Fault: CaseIterable, Sendable {
    case returnsEarly, leaks, wrongKind, changesMessage, changesOnFailure, ignoresCancel, neverRecovers
    case readsUnclaimed, keepsHalf, holdsStreams

    var rule: Rule {
      switch self {
      case .returnsEarly: .returnsWhenSent
      case .leaks: .noPayload
      case .wrongKind: .documentedKind
      case .changesMessage: .unchangedByOneWay
      case .changesOnFailure: .unchangedByFailure
      case .ignoresCancel: .cancelledSoon
      case .neverRecovers: .recovers
      case .readsUnclaimed: .streamOnce
      case .keepsHalf: .streamBroken
      case .holdsStreams: .streamBounded
      }
    }
  }

  @Test("are found out", arguments: Fault.allCases) func foundOut(fault: Fault) async {
    let memory = MemorySystem()
    let plugin = Plugin(
      name: "faulty", version: "1",
      components: [
        .destination("faulty", "Breaks a rule.", FaultyOptions.self, answers: false) { options, _ in
          FaultyDestination(inner: memory.destination(options.name), fault: fault)
        }
      ])
    let suite = DestinationSuite(name: "faulty", plugins: [plugin], answers: false) { MemoryReceiver(memory) }
    let findings = await Examination.$patience.withValue(.milliseconds(400)) { await suite.run() }
    #expect(findings.contains { $0.rule == fault.rule }, "\(fault): found \(Set(findings.map(\.rule.name)))")
  }
}

private struct FaultyDestination: Step {
  let inner: FlakyDestination
  let fault: FaultyDestinationTests.Fault
  let failed = StopSignal()

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    if failed.isStopped { throw Failure(.unavailable, "it was unavailable") }
    if case .stream(let stream) = message.body, let body = try await read(stream) {
      var copy = message
      copy.body = .bytes(body)
      return try await inner.process(&copy, context)
    }
    let copy = message
    let inner = inner
    switch fault {
    case .changesMessage: message.headers["x-sent"] = "1"
    case .returnsEarly, .ignoresCancel:
      let call = Task.detached {
        var message = copy
        return try await inner.process(&message, context)
      }
      return fault == .returnsEarly ? .next : try await call.value
    default: break
    }
    do {
      return try await inner.process(&message, context)
    } catch {
      let text = String(decoding: try copy.bodyBytes(), as: UTF8.self)
      if fault == .changesOnFailure { message.body = .empty }
      if fault == .neverRecovers { failed.signal() }
      if fault == .wrongKind { throw Failure(.internal, "it failed") }
      throw fault == .leaks ? Failure(Failure(error).kind, "cannot send \(text)") : error
    }
  }

  /// The bytes of a stream, as what is faulty reads it.
  private func read(_ stream: BodyStream) async throws -> [UInt8]? {
    guard fault == .readsUnclaimed || fault == .keepsHalf || fault == .holdsStreams else { return nil }
    if fault != .readsUnclaimed { try stream.claim() }
    var bytes: [UInt8] = []
    do {
      while let piece = try await stream.next() { bytes += piece }
    } catch {
      if fault != .keepsHalf { throw error }
    }
    return bytes
  }
}
