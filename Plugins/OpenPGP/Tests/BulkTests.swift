import Omnibus
import OmnibusTesting
import Testing

@testable import OpenPGPPlugin

/// Streams, and what is large, are ciphered beside librnp: each of the two reads what the other has made.
@Suite("openpgp, in bulk", .timeLimit(.minutes(5)))
struct BulkTests {
  static func text(_ size: Int) -> [UInt8] { (0..<size).map { UInt8(truncatingIfNeeded: ($0 &* 31) >> 3) } }

  static func encrypt(
    _ parties: Parties, for users: [String], _ more: [(String, Configuration)] = []
  ) -> Configuration {
    let recipients = Configuration(elements: users.map { "\($0)" })
    return ["pgp_encrypt": Configuration(entries: [("keys", parties.keys), ("recipients", recipients)] + more)]
  }

  @Test(
    "what is encrypted in bulk is read by librnp, and the other way round, whatever its size",
    arguments: [
      0, 1, 13, 14, 15, 170, 191, 192, 8361, 8384, 32_750, 32_768, 65_529, 65_530, 65_531, 131_066, 262_144, 700_001,
    ])
  func sizes(_ size: Int) async throws {
    let text = Self.text(size)
    for parties in [try await Parties.curve.value, try await Parties.rsa.value] {
      let encrypt = Self.encrypt(parties, for: [parties.ours])
      let decrypt = FaultTests.decrypt(parties)
      let bulk = try await run([encrypt], on: pieces(text)).content()
      let other = try await run([encrypt], on: .bytes(text)).content()
      #expect(try await run([decrypt], on: .bytes(bulk)).content() == text)
      for message in [bulk, other] {
        #expect(try await run([decrypt], on: pieces(message, of: 997)).content() == text)
      }
    }
  }

  @Test("what is encrypted in bulk is read by gpg", arguments: Compression.allCases, [false, true])
  func forGnuPG(_ compression: Compression, isSigned: Bool) async throws {
    let text = Self.text(300_000)
    for parties in [try await Parties.curve.value, try await Parties.rsa.value] {
      for cipher in Cipher.allCases {
        let more: [(String, Configuration)] = [("compression", "\(compression)"), ("cipher", "\(cipher)")]
        let message = try await run(
          [
            Self.encrypt(
              parties, for: [parties.theirs, parties.ours],
              more + (isSigned ? [("sign_with", ["\(parties.ours)"])] : []))
          ], on: pieces(text)
        ).content()
        #expect(try await parties.gpg.run(["--decrypt"], message) == text)
      }
    }
  }

  @Test(
    "what gpg encrypts is read in bulk, and what only librnp reads by that",
    arguments: [
      [], ["--sign"], ["--armor"], ["--cipher-algo", "AES"], ["--cipher-algo", "AES192"],
      ["--cipher-algo", "TWOFISH"], ["--cipher-algo", "CAMELLIA256"], ["-z", "0", "--sign"],
      ["--compress-algo", "zip"], ["--compress-algo", "zlib", "--sign"], ["--compress-algo", "bzip2"],
    ])
  func fromGnuPG(_ arguments: [String]) async throws {
    let text = Self.text(300_000)
    for parties in [try await Parties.curve.value, try await Parties.rsa.value] {
      let message = try await FaultTests.message(
        parties, arguments + ["--recipient", parties.theirs], of: text)
      let signers: [(String, Configuration)] =
        arguments.contains("--sign") ? [("signed_by", ["\(parties.theirFingerprint)"])] : []
      let result = try await run([FaultTests.decrypt(parties, signers)], on: pieces(message, of: 10_000))
      #expect(try await result.content() == text)
    }
  }

  @Test("what was changed or cut off gives nothing, and the same failure as by librnp")
  func changed() async throws {
    for parties in [try await Parties.curve.value, try await Parties.rsa.value] {
      let encrypt = Self.encrypt(parties, for: [parties.ours], [("sign_with", ["\(parties.ours)"])])
      let text = Self.text(1000)
      let message = try await run([encrypt], on: pieces(text)).content()
      let step = try ComponentLoader([.openPGP]).steps([
        FaultTests.decrypt(parties, [("signed_by", ["\(parties.ours)"])])
      ])
      #expect(try await opened(pieces(message), by: step).get() == text)
      for place in message.indices {
        var changed = message
        changed[place] ^= place % 2 == 0 ? 0x01 : 0x80
        switch await opened(pieces(changed, of: 300), by: step) {
        case .failure(let failure):
          #expect([.invalid, .rejected].contains(failure.kind), "byte \(place): \(failure)")
          guard place % 5 == 0, case .failure(let librnp) = await opened(.bytes(changed), by: step) else { continue }
          #expect(failure.kind == librnp.kind, "byte \(place): \(failure), \(librnp)")
        case .success(let content):
          // The packet with the session key has bits that mean nothing.
          #expect(place < 20 && content == text, "byte \(place)")
        }
      }
      for count in message.indices where count % 3 == 0 {
        guard case .failure(let failure) = await opened(pieces(Array(message[..<count]), of: 100), by: step) else {
          Issue.record("\(count) bytes are taken for all of them")
          continue
        }
        #expect(failure.kind == .invalid, "\(count) bytes")
      }
    }
  }

  @Test("RSA that does not give a key fails as data that was changed does")
  func padding() async throws {
    let parties = try await Parties.rsa.value
    let message = try await run([Self.encrypt(parties, for: [parties.ours])], on: pieces(Self.text(5000))).content()
    var data = message
    data[message.count / 2] ^= 1
    let step = try ComponentLoader([.openPGP]).steps([FaultTests.decrypt(parties)])
    let expected = await opened(pieces(data), by: step)
    for place in 20..<60 {
      var changed = message
      changed[place] ^= 1
      let found = await opened(pieces(changed), by: step)
      #expect("\(found)" == "\(expected)")
    }
  }

  @Test("what is in a message must be one message of data, and nothing more")
  func content() async throws {
    for parties in [try await Parties.curve.value, try await Parties.rsa.value] {
      let messages = try BulkMessages(parties)
      let literal = try BulkMessages.literal(Self.text(500))
      let step = try ComponentLoader([.openPGP]).steps([FaultTests.decrypt(parties)])
      for good in [literal, try BulkMessages.literal(Self.text(500), .zlib), [0xCA, 3, 0x50, 0x47, 0x50] + literal] {
        #expect(try await opened(pieces(try messages.message(good)), by: step).get() == Self.text(500))
      }
      let nested = try messages.message(literal)
      let wrong: [[UInt8]] = [
        [], [0], Array("-----BEGIN PGP MESSAGE-----\n".utf8), literal + [0], literal + literal, nested,
        [0xC8, 0xFF] + (0..<4).map { UInt8(truncatingIfNeeded: (nested.count + 1) >> (24 - 8 * $0)) } + [0] + nested,
        Array(literal.dropLast()), [0xC2, 0] + literal, [0xC4, 0] + literal, [0xD3, 20] + Self.text(20),
        Array(repeating: 0xC4, count: 1000),
      ]
      for packets in wrong {
        guard case .failure(let failure) = await opened(pieces(try messages.message(packets)), by: step) else {
          Issue.record("\(packets.prefix(8)) is taken")
          continue
        }
        #expect(failure.kind == .invalid, "\(packets.prefix(8)) \(packets.count): \(failure)")
      }
    }
  }

  @Test("session keys within a message cost no operation with a secret key")
  func nestedSessionKeys() async throws {
    let parties = try await Parties.rsa.value
    let messages = try BulkMessages(parties)
    let step = try ComponentLoader([.openPGP]).steps([FaultTests.decrypt(parties)])
    let ours = try messages.key.wrap(.random(.aes256))
    var others = ours
    // The key id, behind the head and the version.
    let place = try #require(others.firstIndex(of: 3)) + 1
    for byte in place..<place + 8 { others[byte] ^= 0xFF }
    var times: [Duration] = []
    for packet in [others, ours] {
      let packets = Array(repeatElement(packet, count: 2000).joined()) + [0xD2, 60, 1] + Self.text(59)
      let message = try messages.message(BulkMessages.stored(packets))
      let start = ContinuousClock.now
      guard case .failure(let failure) = await opened(pieces(message, of: 60_000), by: step) else {
        Issue.record("it is taken")
        continue
      }
      #expect(failure.kind == .invalid)
      times.append(ContinuousClock.now - start)
    }
    // With the key each takes a millisecond and more.
    #expect(times.count == 2 && times[1] < times[0] * 5 + .milliseconds(500), "\(times)")
  }

  @Test("data that was changed fails as that whatever it came to mean")
  func changedMeaning() async throws {
    let parties = try await Parties.curve.value
    let message = try BulkMessages(parties).message(try BulkMessages.literal(Self.text(3000), .zlib))
    let step = try ComponentLoader([.openPGP]).steps([FaultTests.decrypt(parties)])
    let expected = await opened(pieces(message.dropLast() + [message[message.count - 1] ^ 1]), by: step)
    let head = try #require(MessageHead(message.prefix(MessageHead.limit)))
    // Behind the tag, the length, the version.
    for place in (head.dataStart + 5)..<message.count {
      var changed = message
      changed[place] ^= 4
      let found = await opened(pieces(changed), by: step)
      #expect("\(found)" == "\(expected)", "\(place - head.dataStart)")
    }
  }

  @Test("what is packed in turns by two threads is what was to be packed", arguments: [Compression.zip, .zlib])
  func turns(_ compression: Compression) async throws {
    let parties = try await Parties.curve.value
    var random = SystemRandomNumberGenerator()
    for size in [0, 1, 262_143, 262_144, 524_287, 524_288, 524_289, 3_000_001] {
      let noise = (0..<size / 7).map { _ in UInt8.random(in: 0...255, using: &random) }
      let text = Self.text(size - noise.count) + noise
      let level = Configuration(integerLiteral: Int.random(in: 1...9))
      let encrypt = Self.encrypt(parties, for: [parties.ours], [("compression", "\(compression)"), ("level", level)])
      let message = try await run([encrypt], on: pieces(text, of: 100_000)).content()
      #expect(
        try await opened(
          pieces(message, of: 100_000), by: ComponentLoader([.openPGP]).steps([FaultTests.decrypt(parties)])
        ).get() == text)
    }
  }

  @Test("a message of garbage in bulk is invalid, and ends")
  func garbage() async throws {
    let parties = try await Parties.curve.value
    let messages = try BulkMessages(parties)
    let message = try messages.message(try BulkMessages.literal(Self.text(3000), .zlib))
    let step = try ComponentLoader([.openPGP]).steps([FaultTests.decrypt(parties)])
    var random = SystemRandomNumberGenerator()
    for _ in 0..<1000 {
      var bytes = message
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(place..<min(place + 50, bytes.count))
        case 2: bytes.insert(contentsOf: bytes[(place / 2)..<place], at: place)
        default: bytes[min(place, 110)] ^= 0xFF
        }
        if bytes.isEmpty { bytes = [0] }
      }
      guard bytes != message else { continue }
      switch await opened(pieces(bytes, of: 700), by: step) {
      case .failure(let failure): #expect([.invalid, .rejected].contains(failure.kind), "\(failure)")
      case .success(let content): #expect(content == Self.text(3000))
      }
    }
  }

  @Test("a message of bytes that is large goes the same way, and what it was stays where it fails")
  func largeBytes() async throws {
    let parties = try await Parties.curve.value
    let text = Self.text(3 << 20)
    let message = try await run([Self.encrypt(parties, for: [parties.ours])], on: .bytes(text)).content()
    #expect(try await run([FaultTests.decrypt(parties)], on: .bytes(message)).content() == text)
    var changed = message
    changed[message.count - 1] ^= 1
    #expect(try await failure(of: FaultTests.decrypt(parties), on: changed)?.kind == .invalid)
  }

  @Test("what unpacks to too much is refused in bulk too", arguments: [Compression.zip, .zlib])
  func bomb(_ compression: Compression) async throws {
    let parties = try await Parties.curve.value
    let more: [(String, Configuration)] = [("compression", "\(compression)")]
    let bomb = try await run(
      [Self.encrypt(parties, for: [parties.ours], more)],
      on: pieces([UInt8](repeating: 0, count: 30 << 20), of: 1 << 20)
    ).content()
    #expect(bomb.count < 100_000)
    let failed = try await failure(of: FaultTests.decrypt(parties), on: pieces(bomb))
    #expect(failed?.reason == "it unpacks to more than max_ratio times its size")
  }
}

/// What a step makes of a body.
private func opened(_ body: Body, by step: Block) async -> Result<[UInt8], Failure> {
  var message = Message(body: body)
  do {
    _ = try await step.run(&message)
    return .success(try await message.content())
  } catch { return .failure(Failure(error)) }
}

/// Runs one step on a stream that is to fail, and gives the failure; nil where it does not.
private func failure(of step: Configuration, on body: Body) async throws -> Failure? {
  do {
    _ = try await run([step], on: body).content()
    return nil
  } catch { return Failure(error) }
}
