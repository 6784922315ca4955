import Omnibus
import Testing

@testable import OmnibusTesting

/// Transformers, middleware and splitters that break a rule each: the suites must find it.
@Suite("faulty steps, middleware and splitters", .serialized)
struct FaultyStepTests {
  enum StepFault: CaseIterable, Sendable {
    case changesOnFailure, leaks, unexpected, random, otherType, quadratic

    var rule: Rule {
      switch self {
      case .changesOnFailure: .unchangedByFailedStep
      case .leaks: .noPayload
      case .unexpected: .neverInternal
      case .random: .deterministic
      case .otherType: .declaredType
      case .quadratic: .linear
      }
    }
  }

  @Test("transformers are found out", arguments: StepFault.allCases) func transformer(fault: StepFault) async {
    let plugin = Plugin(
      name: "faulty", version: "1",
      components: [
        .transformer("faulty", "Breaks a rule.", NoOptions.self) { _, _ in FaultyTransformer(fault: fault) }
      ])
    var suite = StepSuite("transformer", "faulty", [plugin], [:], [Secret.message(.bytes(Secret.body(1)))], [.invalid])
    suite.produces = "application/json"
    var findings: [Finding] = []
    // Time that is measured while all other tests run may hide what is slow.
    for _ in 1...(fault == .quadratic ? 4 : 1) where !findings.contains(where: { $0.rule == fault.rule }) {
      findings = await Examination.$patience.withValue(.milliseconds(400)) { await suite.run() }
    }
    #expect(findings.contains { $0.rule == fault.rule }, "\(fault): found \(Set(findings.map(\.rule.name)))")
  }

  enum MiddlewareFault: CaseIterable, Sendable {
    case callsTwice, swallowsStop, changesKind, retriesTheChanged, ignoresCancel, leavesTimers, losesPermits

    var rule: Rule {
      switch self {
      case .callsTwice: .callsNext
      case .swallowsStop: .passesResult
      case .changesKind: .passesKind
      case .retriesTheChanged: .sameOriginal
      case .ignoresCancel: .cancelPasses
      case .leavesTimers: .noTimerLeft
      case .losesPermits: .permitsReturn
      }
    }
  }

  @Test("middleware is found out", arguments: MiddlewareFault.allCases) func middleware(fault: MiddlewareFault) async {
    let plugin = Plugin(
      name: "faulty", version: "1",
      components: [
        .middleware("faulty", "Breaks a rule.", NoOptions.self) { _, _ in FaultyMiddleware(fault: fault) }
      ])
    let suite = MiddlewareSuite(name: "faulty", plugins: [plugin], options: [:]) {
      fault == .retriesTheChanged && $0 == .unavailable ? 2 : 1
    }
    let findings = await Examination.$patience.withValue(.milliseconds(400)) { await suite.run() }
    #expect(findings.contains { $0.rule == fault.rule }, "\(fault): found \(Set(findings.map(\.rule.name)))")
  }

  enum SplitterFault: CaseIterable, Sendable {
    case cutsByPieces, numbersFromZero, swallowsBreaks, failsAsInternal

    var rule: Rule {
      switch self {
      case .cutsByPieces: .sameParts
      case .numbersFromZero: .numbered
      case .swallowsBreaks: .brokenStreamThrows
      case .failsAsInternal: .badPartsAreParts
      }
    }
  }

  @Test("splitters are found out", arguments: SplitterFault.allCases) func splitter(fault: SplitterFault) async {
    let plugin = Plugin(
      name: "faulty", version: "1",
      components: [.splitter("faulty", "Breaks a rule.", NoOptions.self) { _, _ in FaultySplitter(fault: fault) }])
    let line = Array("a\n".utf8)
    let suite = SplitterSuite(
      name: "faulty", plugins: [plugin], options: [:], samples: [line + line], header: [], repeated: line,
      footer: [], contentType: nil)
    let findings = await Examination.$patience.withValue(.milliseconds(400)) { await suite.run() }
    #expect(findings.contains { $0.rule == fault.rule }, "\(fault): found \(Set(findings.map(\.rule.name)))")
  }
}

private struct FaultyTransformer: Transformer {
  struct Unexpected: Error {}

  let fault: FaultyStepTests.StepFault

  func transform(_ message: inout Message, _ context: Context) throws {
    let bytes = try message.bodyBytes()
    if fault == .quadratic, bytes.first == UInt8(ascii: ",") {
      var sum = 0
      for first in stride(from: 0, to: bytes.count, by: 64) {
        for second in stride(from: 0, to: bytes.count, by: 64) { sum &+= first ^ second }
      }
      if sum == 1 { return }
    }
    guard bytes.first == UInt8(ascii: "{") else {
      if fault == .changesOnFailure { message.headers["x-seen"] = "1" }
      if fault == .unexpected { throw Unexpected() }
      throw Failure(
        .invalid, fault == .leaks ? "cannot read \(String(decoding: bytes, as: UTF8.self))" : "expected an object")
    }
    if fault == .random { message.headers["x-random"] = "\(MessageID())" }
    message.contentType = fault == .otherType ? "text/plain" : "application/json"
  }
}

private struct FaultyMiddleware: Middleware {
  let fault: FaultyStepTests.MiddlewareFault
  let held = Recorder<MessageID>()

  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
    if fault == .losesPermits, held.all.count > 8 { throw Failure(.overloaded, "no permit is left") }
    if fault == .leavesTimers { _ = context.clock.schedule(after: .seconds(1000)) {} }
    if fault == .callsTwice { _ = try await next(&message, context) }
    do {
      guard fault == .ignoresCancel else {
        let result = try await next(&message, context)
        return fault == .swallowsStop ? .next : result
      }
      let copy = message
      let (result, after) = try await Task.detached {
        var message = copy
        let next = try await next(&message, context)
        return (next, message)
      }.value
      message = after
      return result
    } catch {
      if fault == .losesPermits { held.append(message.id) }
      if fault == .retriesTheChanged, Failure(error).kind == .unavailable { return try await next(&message, context) }
      throw fault == .changesKind ? Failure(.internal, "it failed") : error
    }
  }
}

/// Cuts at line breaks, with a fault.
private struct FaultySplitter: Splitter {
  let fault: FaultyStepTests.SplitterFault

  func parts(of body: Body, headers: Headers, _ context: Context) throws(Failure) -> any PartReader {
    switch body {
    case .stream(let stream): return Reader(fault: fault, stream: stream, bytes: [])
    case .bytes(let bytes):
      if fault == .failsAsInternal, bytes.contains(0) { throw Failure(.internal, "a zero") }
      return Reader(fault: fault, stream: nil, bytes: bytes)
    case .document, .empty: throw Failure(.invalid, "there is nothing to cut")
    }
  }

  struct Reader: PartReader {
    let fault: FaultyStepTests.SplitterFault
    let stream: BodyStream?
    var bytes: [UInt8]
    var start = 0
    var number = 0
    var hasEnded = false

    mutating func nextReady() throws -> Part? {
      let rest = bytes[start...]
      let end = rest.firstIndex(of: 0x0A)
      let isLast = hasEnded || stream == nil || fault == .cutsByPieces
      guard !rest.isEmpty, end != nil || isLast else { return nil }
      let line = rest[..<(end ?? bytes.endIndex)]
      start = end.map { $0 + 1 } ?? bytes.endIndex
      number += 1
      let content = Part.Content.document(JSONDocument(.list(line.map { .int(Int64($0)) })))
      return Part(content, number: fault == .numbersFromZero ? number - 1 : number)
    }

    mutating func refill() async throws -> Bool {
      bytes.removeFirst(start)
      start = 0
      guard let stream, !hasEnded else { return false }
      do {
        if let piece = try await stream.next() { bytes += piece } else { hasEnded = true }
      } catch {
        guard fault == .swallowsBreaks else { throw error }
        hasEnded = true
      }
      return !hasEnded || !bytes.isEmpty
    }
  }
}
