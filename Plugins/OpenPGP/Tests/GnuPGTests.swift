import Foundation
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

  @Test("what is signed here is verified by gpg, packed, readable and apart", arguments: Signing.Form.allCases)
  func sign(_ form: Signing.Form) async throws {
    for parties in [try await Parties.curve.value, try await Parties.rsa.value] {
      let message = try await run(
        [["pgp_sign": ["keys": parties.keys, "sign_with": ["\(parties.ours)"], "form": "\(form)", "armor": true]]],
        on: .bytes(Self.text))
      let bytes = try message.bodyBytes()
      if form == .detached {
        parties.gpg.files.write("data", Self.text)
        parties.gpg.files.write("data.asc", bytes)
        let path = parties.gpg.files.path
        try await parties.gpg.run(["--verify", "\(path)/data.asc", "\(path)/data"])
      } else {
        #expect(String(decoding: bytes, as: UTF8.self).contains("Müller") == (form == .cleartext))
        let read = try await parties.gpg.run(["--decrypt"], bytes)
        // Ends of lines are those of the reader (RFC 4880, 7).
        let (ours, theirs) = (String(decoding: Self.text, as: UTF8.self), String(decoding: read, as: UTF8.self))
        #expect(lines(ours) == lines(theirs))
      }
    }
  }

  @Test("what gpg signs is verified here, packed, readable and apart", arguments: [false, true])
  func verify(armor: Bool) async throws {
    for parties in [try await Parties.curve.value, try await Parties.rsa.value] {
      func signed(_ form: String) async throws -> [UInt8] {
        try await parties.gpg.run(
          (armor ? ["--armor"] : []) + [form, "--local-user", parties.theirs], Self.text, at: "20231001T000000")
      }
      let step: [(String, Configuration)] = [("keys", parties.keys), ("signed_by", ["\(parties.theirs)"])]
      for form in ["--sign", "--clear-sign"] {
        let result = try await run(
          [["pgp_verify": Configuration(entries: step)]], on: .bytes(try await signed(form)))
        let text = String(decoding: try result.bodyBytes(), as: UTF8.self)
        #expect(text.replacing("\r\n", with: "\n").contains("id,name\n4711,Müller\n"))
        #expect(
          result.properties["pgp_verify-1"]?.member("signers")?.listed.first?.member("fingerprint")?.string
            == parties.theirFingerprint)
      }
      let signature = try await signed("--detach-sign")
      let text = armor ? String(decoding: signature, as: UTF8.self) : Base64.encode(signature)
      let detached = step + [("signature", "${ headers['x-signature'] }")]
      let block = try ComponentLoader([.openPGP]).steps([["pgp_verify": Configuration(entries: detached)]])
      var message = Message(headers: ["x-signature": text], body: .bytes(Self.text))
      _ = try await block.run(&message)
      #expect(try message.bodyBytes() == Self.text)
      for body in [Self.text + [0x20], Array(Self.text.dropLast()), []] {
        var changed = Message(headers: ["x-signature": text], body: .bytes(body))
        let error = await #expect(throws: Failure.self) { _ = try await block.run(&changed) }
        #expect(error?.kind == .rejected)
      }
      for wrong in ["", "none", Base64.encode([1, 2, 3]), "-----BEGIN PGP SIGNATURE-----"] {
        var changed = Message(headers: ["x-signature": wrong], body: .bytes(Self.text))
        let error = await #expect(throws: Failure.self) { _ = try await block.run(&changed) }
        #expect(error.map { [.invalid, .rejected].contains($0.kind) } ?? false)
      }
    }
  }

  @Test("several can read one message, of which each has a key")
  func several() async throws {
    let parties = try await Parties.curve.value
    let message = try await run(
      [
        [
          "pgp_encrypt": [
            "keys": parties.keys, "recipients": ["\(parties.theirs)", "\(parties.ours)"], "armor": true,
          ]
        ]
      ], on: .bytes(Self.text))
    for keys in [parties.keys, try await parties.mirrored] {
      let result = try await run([["pgp_decrypt": ["keys": keys]]], on: message.body)
      #expect(try result.bodyBytes() == Self.text)
    }
  }

  @Test("keys that have expired or were revoked open messages and sign them only where the route allows it")
  func pastKeys() async throws {
    let gpg = try GnuPG()
    let other = "other@x.example"
    try await gpg.makeKey(other, .curve25519)
    for (user, weakness) in [("expired@x.example", "expired_key"), ("revoked@x.example", "revoked_key")] {
      let isRevoked = weakness == "revoked_key"
      let fingerprint = try await gpg.makeKey(user, .curve25519, expires: isRevoked ? "0" : "30d")
      let message = try await gpg.run(
        ["--encrypt", "--recipient", user, "--sign", "--local-user", other], Self.text, at: "20230110T000000")
      let signed = try await gpg.run(["--sign", "--local-user", user], Self.text, at: "20230110T000000")
      if isRevoked {
        let path = "\(gpg.home.path)/openpgp-revocs.d/\(fingerprint).rev"
        let certificate = try String(contentsOfFile: path, encoding: .utf8)
        try await gpg.run(["--import"], Array(certificate.replacing(":-----BEGIN", with: "-----BEGIN").utf8))
      }
      let keys: Configuration = [
        "public": [["file": "\(try await gpg.exportPublic(other))"], ["file": "\(try await gpg.exportPublic(user))"]],
        "secret": [["file": "\(try await gpg.exportSecret(user))"]],
      ]
      for (step, body) in [("pgp_decrypt", message), ("pgp_verify", signed)] {
        #expect(try await failure(of: ["\(step)": ["keys": keys]], on: body)?.kind == .rejected, "\(user) \(step)")
        let result = try await run(
          [["\(step)": ["keys": keys, "allow": ["\(weakness)"]]]], on: .bytes(body))
        #expect(try result.bodyBytes() == Self.text)
      }
      let result = try await run(
        [["pgp_sign": ["keys": keys, "sign_with": ["\(user)"], "allow": ["\(weakness)"]]]], on: .bytes(Self.text))
      #expect(try result.bodyBytes().count > Self.text.count)
    }
  }
}

private func lines(_ text: String) -> [Substring] {
  text.replacing("\r\n", with: "\n").split(separator: "\n")
}

extension Value {
  /// The elements of a list; none of anything else.
  fileprivate var listed: [Value] { if case .list(let values) = self { values } else { [] } }
}
