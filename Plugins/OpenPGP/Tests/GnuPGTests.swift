import Omnibus
import OmnibusTesting
import Testing

@testable import OpenPGPPlugin

@Suite("openpgp beside gpg", .timeLimit(.minutes(5)))
struct GnuPGTests {
  static let text = Array(String(repeating: "id,name\r\n4711,Müller\r\n", count: 100).utf8)

  @Test("what is encrypted and signed here is read by gpg", arguments: [false, true], Compression.allCases)
  func encrypt(armor: Bool, compression: Compression) async throws {
    for parties in [try await Parties.curve.value, try await Parties.rsa.value] {
      let message = try await run(
        [
          [
            "pgp_encrypt": [
              "keys": parties.keys, "recipients": ["\(parties.theirs)"], "sign_with": ["\(parties.ours)"],
              "armor": "\(armor)", "compression": "\(compression)",
            ]
          ]
        ], on: .bytes(Self.text))
      let bytes = try message.bodyBytes()
      #expect(bytes.starts(with: Array("-----BEGIN PGP MESSAGE-----".utf8)) == armor)
      #expect(try await parties.gpg.run(["--decrypt"], bytes) == Self.text)
    }
  }

  @Test("what gpg encrypts and signs is read here", arguments: [false, true])
  func decrypt(armor: Bool) async throws {
    for parties in [try await Parties.curve.value, try await Parties.rsa.value] {
      let message = try await parties.gpg.run(
        (armor ? ["--armor"] : []) + [
          "--encrypt", "--sign", "--recipient", parties.ours, "--local-user", parties.theirs,
        ], Self.text, at: "20231001T000000")
      let result = try await run(
        [["pgp_decrypt": ["keys": parties.keys, "signed_by": ["\(parties.theirFingerprint)"]]]], on: .bytes(message))
      #expect(try result.bodyBytes() == Self.text)
    }
  }
}
