import Omnibus
import OmnibusTesting
import Testing

@testable import OpenPGPPlugin

/// Runs one step on a body that is to fail, and gives the failure. What failed must be as it was.
func failure(
  of step: Configuration, on bytes: [UInt8], clock: ManualClock = ManualClock()
) async throws -> Failure? {
  let block = try ComponentLoader([.openPGP], context: .testing(clock: clock)).steps([step])
  var message = Message(body: .bytes(bytes))
  do { _ = try await block.run(&message) } catch {
    #expect(try message.bodyBytes() == bytes)
    return Failure(error)
  }
  return nil
}

@Suite("openpgp, bad input", .timeLimit(.minutes(10)))
struct FaultTests {
  static let secret = "patient Anna Berg"
  static let text = Array(String(repeating: "\(secret)\n", count: 200).utf8)

  /// A message of gpg for us.
  static func message(_ parties: Parties, _ arguments: [String] = ["--sign"], of text: [UInt8] = text) async throws
    -> [UInt8]
  {
    try await parties.gpg.run(
      ["--encrypt", "--recipient", parties.ours, "--local-user", parties.theirs] + arguments, text,
      at: "20231001T000000")
  }

  static func decrypt(_ parties: Parties, _ more: [(String, Configuration)] = []) -> Configuration {
    ["pgp_decrypt": Configuration(entries: [("keys", parties.keys)] + more)]
  }

  @Test("what was changed in any place is invalid or refused, and nothing of it is seen", arguments: [false, true])
  func tampered(armor: Bool) async throws {
    for parties in [try await Parties.curve.value, try await Parties.rsa.value] {
      let message = try await Self.message(parties, ["--sign"] + (armor ? ["--armor"] : []))
      let stride = armor ? 7 : 5
      for place in Swift.stride(from: 0, to: message.count, by: stride) {
        var changed = message
        changed[place] ^= 0x04
        let step = Self.decrypt(parties, [("signed_by", ["\(parties.theirs)"])])
        guard let failure = try await failure(of: step, on: changed) else {
          // Armour has places that mean nothing.
          #expect(armor, "byte \(place)")
          continue
        }
        #expect([.invalid, .rejected].contains(failure.kind), "byte \(place): \(failure)")
        #expect(!"\(failure)".contains("Anna"))
      }
    }
  }

  @Test("what is cut off anywhere is invalid")
  func truncated() async throws {
    let parties = try await Parties.curve.value
    let message = try await Self.message(parties)
    for count in stride(from: 0, to: message.count, by: 3) {
      let failure = try await failure(of: Self.decrypt(parties), on: Array(message[..<count]))
      #expect(failure?.kind == .invalid, "\(count) bytes: \(failure.map { "\($0)" } ?? "nothing")")
    }
  }

  @Test("what stands behind a message is not passed over")
  func trailing() async throws {
    let parties = try await Parties.curve.value
    let message = try await Self.message(parties)
    for rest in [Array("rest".utf8), message] {
      #expect(try await failure(of: Self.decrypt(parties), on: message + rest)?.kind == .invalid)
    }
  }

  @Test("garbage is invalid, whatever it is")
  func garbage() async throws {
    let parties = try await Parties.curve.value
    let message = try await Self.message(parties)
    var random = SystemRandomNumberGenerator()
    for round in 0..<200 {
      var bytes = (0..<Int.random(in: 1...3000)).map { _ in UInt8.random(in: 0...255, using: &random) }
      if round % 2 == 0 { bytes = Array(message[..<Int.random(in: 1..<message.count)]) + bytes }
      if round % 3 == 0 { bytes[0] = 0xD2 }
      for step in [Self.decrypt(parties), ["pgp_verify": ["keys": parties.keys]]] as [Configuration] {
        let failure = try await failure(of: step, on: bytes)
        #expect(failure.map { [.invalid, .rejected].contains($0.kind) } ?? false)
      }
    }
  }

  @Test("a message for somebody else is refused")
  func wrongKey() async throws {
    let (parties, others) = (try await Parties.curve.value, try await Parties.rsa.value)
    let failure = try await failure(of: Self.decrypt(parties), on: try await Self.message(others))
    #expect(failure?.kind == .rejected)
    #expect(failure?.reason == "the message is encrypted for none of the secret keys")
  }

  @Test("a message by a passphrase is refused")
  func passphrase() async throws {
    let parties = try await Parties.curve.value
    let message = try await parties.gpg.run(["--symmetric", "--passphrase", "x"], Self.text)
    #expect(try await failure(of: Self.decrypt(parties), on: message)?.kind == .rejected)
  }

  @Test("what is only signed is not taken for encrypted")
  func notEncrypted() async throws {
    let parties = try await Parties.curve.value
    let message = try await parties.gpg.run(
      ["--sign", "--local-user", parties.theirs], Self.text, at: "20231001T000000")
    let failure = try await failure(of: Self.decrypt(parties), on: message)
    #expect(failure?.kind == .invalid)
    #expect(failure?.reason == "the message is not encrypted")
  }

  @Test("who must have signed must have")
  func signers() async throws {
    let parties = try await Parties.curve.value
    let wanted = [("signed_by", ["\(parties.theirFingerprint)"] as Configuration)]
    let unsigned = try await Self.message(parties, [])
    #expect(try await failure(of: Self.decrypt(parties), on: unsigned) == nil)
    #expect(try await failure(of: Self.decrypt(parties, wanted), on: unsigned)?.reason == "the message is not signed")
    let own = try await parties.gpg.run(
      ["--encrypt", "--recipient", parties.ours, "--sign", "--local-user", parties.ours], Self.text,
      at: "20231001T000000")
    let failed = try await failure(of: Self.decrypt(parties, wanted), on: own)
    #expect(failed?.kind == .rejected)
    #expect(failed?.reason == "the message is signed by nobody who must have signed it")
  }

  @Test("a signer who is not known is refused, unless the route allows it")
  func unknownSigner() async throws {
    let parties = try await Parties.curve.value
    let message = try await Self.message(parties)
    let keys: Configuration = ["secret": [["file": "\(parties.ourSecret)"]]]
    #expect(try await failure(of: ["pgp_decrypt": ["keys": keys]], on: message)?.kind == .rejected)
    let result = try await run(
      [["pgp_decrypt": ["keys": keys, "allow": ["unknown_signer"]]]], on: .bytes(message))
    #expect(try result.bodyBytes() == Self.text)
  }

  @Test(
    "what is weak is refused, unless the route allows it by name",
    arguments: [
      (["--rfc2440", "--disable-mdc", "--cipher-algo", "AES256"], "no_integrity"),
      (["--cipher-algo", "3DES"], "weak_cipher"), (["--cipher-algo", "CAST5"], "weak_cipher"),
      (["--sign", "--digest-algo", "SHA1"], "weak_hash"), (["--sign", "--digest-algo", "RIPEMD160"], "weak_hash"),
      (["--sign", "--digest-algo", "MD5"], "weak_hash"),
    ])
  func weak(_ arguments: [String], _ weakness: String) async throws {
    let parties = try await Parties.curve.value
    let message = try await Self.message(parties, arguments)
    let failed = try await failure(of: Self.decrypt(parties), on: message)
    #expect(failed?.kind == .rejected, "\(failed.map { "\($0)" } ?? "nothing")")
    let result = try await run([Self.decrypt(parties, [("allow", ["\(weakness)"])])], on: .bytes(message))
    #expect(try result.bodyBytes() == Self.text)
    #expect(try await failure(of: Self.decrypt(parties, [("allow", ["expired_key"])]), on: message)?.kind == .rejected)
  }

  @Test("what unpacks to too much is refused before it does", arguments: ["zip", "zlib", "bzip2"])
  func bomb(_ algorithm: String) async throws {
    let parties = try await Parties.curve.value
    let bomb = try await Self.message(
      parties, ["--compress-algo", algorithm], of: [UInt8](repeating: 0, count: 30 << 20))
    #expect(bomb.count < 100_000)
    let ratio = try await failure(of: Self.decrypt(parties), on: bomb)
    #expect(ratio?.kind == .rejected)
    #expect(ratio?.reason == "it unpacks to more than max_ratio times its size")
    let size = try await failure(
      of: Self.decrypt(parties, [("limits", ["max_ratio": 1_000_000, "max_size": "10MiB"])]), on: bomb)
    #expect(size?.reason == "what it unpacks to is larger than max_size")
    let result = try await run(
      [Self.decrypt(parties, [("limits", ["max_ratio": 1_000_000])])], on: .bytes(bomb))
    #expect(try await result.content().count == 30 << 20)
  }

  @Test("packets within packets end somewhere", arguments: [20, 1000, 20_000])
  func nesting(_ depth: Int) async throws {
    let parties = try await Parties.curve.value
    // Literal data in compressed data that is not compressed, again and again (RFC 4880, 5.6 and 5.9).
    var packet: [UInt8] = Array("b\u{0}\u{0}\u{0}\u{0}\u{0}text".utf8)
    packet = [0xCB, UInt8(packet.count)] + packet
    for _ in 0..<depth {
      let size = packet.count + 1
      packet = [0xC8, 0xFF] + (0..<4).map { UInt8(truncatingIfNeeded: size >> (24 - 8 * $0)) } + [0] + packet
    }
    let failed = try await failure(of: ["pgp_verify": ["keys": parties.keys]], on: packet)
    #expect(failed.map { [.invalid, .rejected].contains($0.kind) } ?? false)
  }

  @Test("a message for more recipients than anybody has does not hold a thread", arguments: [100, 5000])
  func recipients(_ count: Int) async throws {
    let parties = try await Parties.rsa.value
    let message = try await Self.message(parties, [])
    // The session key's packet, again and again with other bytes in it (RFC 4880, 5.1).
    let length = Int(message[1]) << 8 | Int(message[2])
    try #require(message[0] == 0x85)
    var packet = Array(message[..<(3 + length)])
    packet[40] ^= 1
    let hostile = Array(repeatElement(packet, count: count).joined()) + message[(3 + length)...]
    let failed = try await failure(of: Self.decrypt(parties), on: hostile)
    #expect(failed.map { [.invalid, .rejected].contains($0.kind) } ?? false)
    // More than so many are not tried.
    #expect((failed?.reason.contains("for more than") ?? false) == (count > SessionKeyCount.limit))
  }
}
