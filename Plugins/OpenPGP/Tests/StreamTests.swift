import Omnibus
import OmnibusTesting
import Synchronization
import Testing

@testable import OpenPGPPlugin

@Suite("openpgp, streams", .timeLimit(.minutes(10)), .serialized)
struct StreamTests {
  /// A stream of lines that are hard to pack.
  static func stream(_ size: Int) -> BodyStream {
    let left = Mutex(size)
    return BodyStream(length: size) {
      left.withLock { left in
        let count = min(left, 256 << 10)
        left -= count
        return count == 0 ? nil : [UInt8](repeating: UInt8(truncatingIfNeeded: left >> 10), count: count)
      }
    }
  }

  /// Waits until it is cancelled.
  static func never() async throws -> [UInt8]? {
    let (silence, sender) = AsyncStream<Never>.makeStream()
    defer { sender.finish() }
    for await _ in silence {}
    throw CancellationError()
  }

  fileprivate static func steps(_ parties: Parties) async throws -> [Configuration] {
    [
      ["pgp_encrypt": ["keys": parties.keys, "recipients": ["\(parties.theirs)"], "sign_with": ["\(parties.ours)"]]],
      ["pgp_decrypt": ["keys": try await parties.mirrored, "signed_by": ["\(parties.ours)"]]],
    ]
  }

  @Test("300 MB are encrypted, decrypted and verified in constant memory")
  func constantMemory() async throws {
    // In a process of its own, as other tests take memory at the same time.
    await #expect(processExitsWith: .success) {
      let parties = try await Parties.curve.value
      let (size, before) = (300 << 20, ResidentMemory.bytes)
      let message = try await run(
        Configuration(elements: try await StreamTests.steps(parties)), on: .stream(StreamTests.stream(size)))
      guard case .stream(let stream) = message.body else { throw Failure(.internal, "expected a stream") }
      #expect(stream.length == size)
      try stream.claim()
      let expected = StreamTests.stream(size)
      try expected.claim()
      var (count, rest) = (0, [UInt8]())
      while let piece = try await stream.next() {
        while rest.count < piece.count, let more = try await expected.next() { rest += more }
        #expect(rest.starts(with: piece))
        rest.removeFirst(piece.count)
        count += piece.count
        #expect(ResidentMemory.bytes - before < 100 << 20)
      }
      #expect(count == size)
    }
  }

  @Test("a stream that is changed at its end gives nothing at all")
  func changedEnd() async throws {
    let parties = try await Parties.curve.value
    let encrypted = try await run([try await Self.steps(parties)[0]], on: .stream(Self.stream(20 << 20))).content()
    for place in [encrypted.count - 2, encrypted.count / 2, 300] {
      var changed = encrypted
      changed[place] ^= 1
      let pieces = Mutex(changed[...])
      let body = BodyStream {
        pieces.withLock { left in
          defer { left = left.dropFirst(100_000) }
          return left.isEmpty ? nil : Array(left.prefix(100_000))
        }
      }
      let block = try ComponentLoader([.openPGP]).steps([try await Self.steps(parties)[1]])
      var message = Message(body: .stream(body))
      let error = await #expect(throws: Failure.self) { _ = try await block.run(&message) }
      #expect(error?.kind == .invalid)
      guard case .stream(let left) = message.body else { throw Failure(.internal, "expected the stream") }
      #expect(left === body)
    }
  }

  @Test("a signature of a stream is a header, the body goes on, and is verified by it")
  func detached() async throws {
    let parties = try await Parties.curve.value
    let mirror = try await parties.mirrored
    let message = try await run(
      [
        [
          "pgp_sign": [
            "keys": parties.keys, "sign_with": ["\(parties.ours)"], "form": "detached", "header": "x-signature",
          ]
        ],
        [
          "pgp_verify": [
            "keys": mirror, "signed_by": ["\(parties.ours)"], "signature": "${ headers['x-signature'] }",
          ]
        ],
      ], on: .stream(Self.stream(5 << 20)))
    #expect(try await message.content().count == 5 << 20)
  }

  @Test("a stream that nobody reads to its end gives its thread back")
  func abandoned() async throws {
    let parties = try await Parties.curve.value
    for pieces in [0, 1, 3] {
      let message = try await run([try await Self.steps(parties)[0]], on: .stream(Self.stream(50 << 20)))
      guard case .stream(let stream) = message.body else { throw Failure(.internal, "expected a stream") }
      try stream.claim()
      for _ in 0..<pieces { _ = try await stream.next() }
    }
    #expect(try await eventually { Worker.streamsUnderWay == 0 })
  }

  @Test("being cancelled while the sender is silent ends the work")
  func cancelled() async throws {
    let parties = try await Parties.curve.value
    let encrypted = try await run([try await Self.steps(parties)[0]], on: .bytes([1, 2, 3])).content()
    let step = try ComponentLoader([.openPGP]).steps([try await Self.steps(parties)[1]])
    let isSilent = Recorder<Bool>()
    let pieces = Mutex([Array(encrypted.prefix(20))])
    let body = BodyStream {
      if let piece = pieces.withLock({ $0.popLast() }) { return piece }
      isSilent.append(true)
      return try await Self.never()
    }
    let task = Task {
      var message = Message(body: .stream(body))
      _ = try await step.run(&message)
    }
    await isSilent.wait(for: 1)
    task.cancel()
    let error = await #expect(throws: Failure.self) { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(try await eventually { Worker.streamsUnderWay == 0 })
  }

  @Test("a sender who breaks off fails the message with his failure")
  func broken() async throws {
    let parties = try await Parties.curve.value
    let body = { BodyStream { throw Failure(.unavailable, "the sender broke off") } }
    for step in [try await Self.steps(parties)[1]] {
      let error = await #expect(throws: Failure.self) { _ = try await run([step], on: .stream(body())) }
      #expect(error?.kind == .unavailable)
    }
    let message = try await run([try await Self.steps(parties)[0]], on: .stream(body()))
    let error = await #expect(throws: Failure.self) { _ = try await message.content() }
    #expect(error?.kind == .unavailable)
    #expect(try await eventually { Worker.streamsUnderWay == 0 })
  }

  @Test("without a place to spool, what is too large to hold fails as unavailable")
  func noSpool() async throws {
    let parties = try await Parties.curve.value
    let encrypted = try await run([try await Self.steps(parties)[0]], on: .bytes([UInt8](repeating: 1, count: 5000)))
      .content()
    let error = await #expect(throws: Failure.self) {
      _ = try await run(
        [
          [
            "pgp_decrypt": [
              "keys": try await parties.mirrored, "limits": ["spool": "/nonexistent", "stream_above": "1KiB"],
            ]
          ]
        ], on: .bytes(encrypted))
    }
    #expect(error?.kind == .unavailable)
  }

  @Test("nothing of what a provider wrote is seen when it fails in the end", arguments: [1 << 10, 40 << 20])
  func hollow(_ size: Int) async throws {
    let context = Context.testing()
    let ring = try KeyRing([], context, HollowProvider(size: size))
    let worker = Worker(ring: ring)
    let order = Order.decrypt(Decryption(signatures: SignaturePolicy()))
    let limits = OpeningOptions()
    limits.maxRatio = 1_000_000
    for body in [Body.bytes([UInt8](repeating: 1, count: 1000)), .stream(Self.stream(1000))] {
      var message = Message(body: body)
      let error = await #expect(throws: Failure.self) {
        _ = try await worker.open(&message, by: order, context, limits)
      }
      #expect(error?.kind == .invalid)
    }
    let spools = TemporaryDirectory.names("/var/tmp").filter { $0.hasPrefix(".omnibus-") }
    #expect(spools.isEmpty)
  }
}

/// Writes a lot, and then finds that none of it was good.
struct HollowProvider: OpenPGPProvider {
  let size: Int

  func load(_ keys: KeyMaterial, at time: UInt64) throws(Failure) {}

  func export(_ name: KeyName, of keys: KeyMaterial, isArmored: Bool, at time: UInt64) throws(Failure) -> [UInt8] {
    []
  }

  func check(_ order: Order, with keys: KeyMaterial, at time: UInt64) throws(Failure) {}

  func perform(
    _ order: Order, with keys: KeyMaterial, at time: UInt64, through pump: Pump
  ) throws(Failure) -> ProviderReport {
    var piece = [UInt8](repeating: 0x78, count: 32 << 10)
    _ = piece.withUnsafeMutableBytes { pump.fill($0) }
    for _ in 0..<max(size >> 15, 1) { _ = piece.withUnsafeBytes { pump.write($0) } }
    if let failure = pump.failure { throw failure }
    throw Failure(.invalid, "it was not good")
  }
}
