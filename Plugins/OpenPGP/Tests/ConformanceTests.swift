import Omnibus
import OmnibusTesting
import OpenPGPPlugin
import Testing

@Suite("openpgp, conformance", .timeLimit(.minutes(10)))
struct ConformanceTests {
  static let samples = [
    Message(headers: ["content-type": "application/json"], body: .bytes(Array(#"{"id":4711}"#.utf8))),
    Message(body: .bytes((0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })),
    Message(body: .empty),
  ]

  @Test("pgp_encrypt") func encrypt() async throws {
    let parties = try await Parties.curve.value
    let mirror = try await parties.mirrored
    await Conformance.step(
      "pgp_encrypt", of: .openPGP,
      options: ["keys": parties.keys, "recipients": ["\(parties.theirs)"], "sign_with": ["\(parties.ours)"]],
      samples: Self.samples,
      undoing: [["pgp_decrypt": ["keys": mirror, "signed_by": ["\(parties.ours)"]]]])
  }

  @Test("pgp_sign") func sign() async throws {
    let parties = try await Parties.curve.value
    let mirror = try await parties.mirrored
    await Conformance.step(
      "pgp_sign", of: .openPGP, options: ["keys": parties.keys, "sign_with": ["\(parties.ours)"]],
      samples: Self.samples, undoing: [["pgp_verify": ["keys": mirror]]])
  }

  @Test("pgp_decrypt") func decrypt() async throws {
    let parties = try await Parties.curve.value
    let messages = try await Self.written(
      ["--encrypt", "--sign", "--recipient", parties.ours, "--local-user", parties.theirs], parties)
    await Conformance.step(
      "pgp_decrypt", of: .openPGP, options: ["keys": parties.keys, "signed_by": ["\(parties.theirs)"]],
      samples: messages, failing: [.invalid, .rejected])
  }

  @Test("pgp_verify") func verify() async throws {
    let parties = try await Parties.curve.value
    let messages = try await Self.written(["--sign", "--local-user", parties.theirs], parties)
    await Conformance.step(
      "pgp_verify", of: .openPGP, options: ["keys": parties.keys, "signed_by": ["\(parties.theirs)"]],
      samples: messages, failing: [.invalid, .rejected])
  }

  @Test("pgp_public_key") func publicKey() async throws {
    let parties = try await Parties.curve.value
    await Conformance.step(
      "pgp_public_key", of: .openPGP, options: ["keys": parties.keys, "key": "\(parties.ours)"],
      samples: Self.samples)
  }

  /// The samples as gpg writes them, binary and armoured.
  private static func written(_ arguments: [String], _ parties: Parties) async throws -> [Message] {
    var messages: [Message] = []
    for (number, sample) in samples.enumerated() {
      let armor = number == 0 ? ["--armor"] : []
      let bytes = try await parties.gpg.run(armor + arguments, try sample.bodyBytes(), at: "20231001T000000")
      messages.append(Message(body: .bytes(bytes)))
    }
    return messages
  }
}

extension Parties {
  /// The option `keys` of steps of the partner.
  var mirrored: Configuration {
    get async throws { ["public": [["file": "\(ourPublic)"]], "secret": [["file": "\(theirSecret)"]]] }
  }
}
