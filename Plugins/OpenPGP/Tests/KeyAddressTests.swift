import Omnibus
import OmnibusTesting
import Testing

@testable import OpenPGPPlugin

@Suite("openpgp, keys from an address", .timeLimit(.minutes(5)))
struct KeyAddressTests {
  static let text = Array("text".utf8)

  let clock = ManualClock()
  let log = LogRecorder()

  private func step(_ server: KeyServer, _ parties: Parties) throws -> Block {
    let keys: Configuration = [
      "public": [
        ["url": "\(server.url)", "fingerprint": "\(parties.theirFingerprint)", "refresh": "1h", "timeout": "5s"]
      ]
    ]
    return try ComponentLoader([.openPGP], context: .testing(clock: clock, log: log))
      .steps([["pgp_encrypt": ["keys": keys, "recipients": ["\(parties.theirFingerprint)"]]]])
  }

  private func encrypt(_ step: Block) async throws -> [UInt8] {
    var message = Message(body: .bytes(Self.text))
    _ = try await step.run(&message)
    return try message.bodyBytes()
  }

  private func key(_ parties: Parties) throws -> [UInt8] {
    try #require(parties.gpg.files.read("\(parties.theirs).public"))
  }

  @Test("the key that is pinned is fetched once for all, and used, whatever else comes with it")
  func fetched() async throws {
    let (parties, others) = (try await Parties.curve.value, try await Parties.rsa.value)
    let server = try KeyServer(.key(try key(others) + (try key(parties))))
    let step = try step(server, parties)
    let messages = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<8 { group.addTask { try await encrypt(step) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(messages.count == 8)
    for message in messages { #expect(try await parties.gpg.run(["--decrypt"], message) == Self.text) }
    #expect(server.requests.all.count == 1)
  }

  @Test("an address that gives another key leaves the former in use, and says so")
  func replaced() async throws {
    let (parties, others) = (try await Parties.curve.value, try await Parties.rsa.value)
    let server = try KeyServer(.key(try key(parties)))
    let step = try step(server, parties)
    _ = try await encrypt(step)
    for (number, answer) in [
      .key(try key(others)), .cut(try key(parties)), .status(500), .key(Array("no key".utf8)), .key([]), .away,
    ].enumerated() as EnumeratedSequence<[KeyServer.Answer]> {
      try server.become(answer)
      clock.advance(by: .seconds(3601))
      #expect(try await parties.gpg.run(["--decrypt"], try await encrypt(step)) == Self.text)
      let isTold = try await eventually {
        log.lines.all.count { $0.message == "a key cannot be fetched again, the former stays" } == number + 1
      }
      #expect(isTold)
    }
  }

  @Test("an address that gives none fails messages as unavailable, until it does")
  func unreachable() async throws {
    let (parties, others) = (try await Parties.curve.value, try await Parties.rsa.value)
    let server = try KeyServer(.away)
    let step = try step(server, parties)
    for answer in [.away, .status(404), .cut(try key(parties)), .key(try key(others))] as [KeyServer.Answer] {
      try server.become(answer)
      let error = await #expect(throws: Failure.self) { _ = try await encrypt(step) }
      #expect(error?.kind == .unavailable)
    }
    try server.become(.key(try key(parties)))
    #expect(try await parties.gpg.run(["--decrypt"], try await encrypt(step)) == Self.text)
  }

  @Test("an address without a fingerprint, or with another source, is a problem of the route")
  func options() async throws {
    for source in [
      ["url": "https://partner.example/key"], ["fingerprint": "D7A30F2281C64B9E5D107EC419AA63B802F5C49D"],
      ["url": "ftp://partner.example/key", "fingerprint": "D7A30F2281C64B9E5D107EC419AA63B802F5C49D"],
      ["url": "https://partner.example/key", "fingerprint": "19AA63B802F5C49D"], [:],
      ["file": "a", "keybox": "b"],
    ] as [Configuration] {
      #expect(throws: Diagnostics.self) {
        _ = try ComponentLoader([.openPGP]).steps([
          ["pgp_encrypt": ["keys": ["public": [source]], "recipients": ["a@x"]]]
        ])
      }
    }
  }
}
