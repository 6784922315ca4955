import Foundation
import Omnibus
import OmnibusTesting
import Testing

@testable import OpenPGPPlugin

@Suite("openpgp, keys", .timeLimit(.minutes(5)))
struct KeyTests {
  static let text = Array("text".utf8)

  private func encrypt(_ keys: Configuration, _ user: String, _ more: [(String, Configuration)] = []) -> Configuration {
    ["pgp_encrypt": Configuration(entries: [("keys", keys), ("recipients", ["\(user)"])] + more)]
  }

  private func problems(_ step: Configuration) -> [String] {
    do throws(Diagnostics) {
      _ = try ComponentLoader([.openPGP]).steps([step])
      return []
    } catch { return error.all.map(\.message) }
  }

  @Test("keys come from a keybox, armoured and binary files")
  func forms() async throws {
    let parties = try await Parties.curve.value
    let binary = try await parties.gpg.exportPublic(parties.theirs, armored: false)
    for source in [
      ["file": "\(parties.theirPublic)"], ["file": "\(binary)"], ["keybox": "\(parties.gpg.home.path)/pubring.kbx"],
    ] as [Configuration] {
      let message = try await run([encrypt(["public": [source]], parties.theirs)], on: .bytes(Self.text))
      #expect(try await parties.gpg.run(["--decrypt"], try message.bodyBytes()) == Self.text)
    }
  }

  @Test("a key is called by fingerprint, id, user id and address")
  func names() async throws {
    let parties = try await Parties.curve.value
    let print = parties.theirFingerprint
    let spaced = String(print.enumerated().flatMap { $0 % 4 == 0 ? [" ", $1] : [$1] })
    for name in [print, print.lowercased(), spaced, String(print.suffix(16)), parties.theirs, "OPS@PARTNER.example"] {
      _ = try await run([encrypt(parties.keys, name)], on: .bytes(Self.text))
    }
    #expect(problems(encrypt(parties.keys, "nobody@partner.example")).count == 1)
    #expect(problems(encrypt(parties.keys, "partner")).count == 1)
  }

  @Test("what is wrong with keys is said when the route is loaded, without a secret in it")
  func loading() async throws {
    let parties = try await Parties.rsa.value
    parties.gpg.files.write("wrong", "sesame, do not open")
    parties.gpg.files.write("empty", "")
    parties.gpg.files.write("garbage", "no keys")
    let path = parties.gpg.files.path
    func sign(_ secret: Configuration) -> Configuration {
      ["pgp_sign": ["keys": ["secret": [secret]], "sign_with": ["\(parties.ours)"]]]
    }
    let secret = parties.ourSecret
    #expect(problems(sign(["file": "\(secret)"]))[0].contains("a passphrase is missing"))
    let wrong = problems(sign(["file": "\(secret)", "passphrase": "${file:\(path)/wrong}"]))
    #expect(wrong[0].contains("the passphrase is not that of the keys"))
    #expect(!wrong[0].contains("sesame"))
    #expect(problems(sign(["file": "\(path)/none"]))[0].contains("no such file"))
    #expect(problems(sign(["file": "\(path)/empty"]))[0].contains("holds no"))
    #expect(problems(sign(["file": "\(path)/garbage"]))[0].contains("holds no"))
    #expect(problems(sign(["file": "\(parties.theirPublic)"]))[0].contains("holds no secret keys"))
    #expect(problems(sign(["file": "\(secret)", "passphrase": "open sesame"]))[0].contains("is a secret"))
    #expect(problems(["pgp_decrypt": ["keys": ["public": [["file": "\(parties.theirPublic)"]]]]]).count == 1)
    #expect(problems(["pgp_decrypt": ["keys": [:]]]).count == 1)
    let text: Configuration = ["key": "${file:\(secret)}", "passphrase": "${file:\(path)/passphrase}"]
    #expect(problems(sign(text)).isEmpty)
  }

  @Test("keys that have expired, were revoked or are weak are refused, unless the route allows it")
  func unusable() async throws {
    let gpg = try await GnuPG()
    try await gpg.makeKey("expired@x.example", .curve25519, expires: "30d")
    let revoked = try await gpg.makeKey("revoked@x.example", .curve25519)
    try await gpg.makeKey("small@x.example", .rsa1024)
    try await gpg.makeKey("old@x.example", .dsa)
    let certificate = try #require(
      try? String(contentsOfFile: "\(gpg.home.path)/openpgp-revocs.d/\(revoked).rev", encoding: .utf8))
    try await gpg.run(["--import"], Array(certificate.replacing(":-----BEGIN", with: "-----BEGIN").utf8))

    let before = ManualClock(wallTime: 1_673_000_000)
    for (user, weakness) in [
      ("revoked", "revoked_key"), ("small", "weak_key"), ("old", "weak_key"), ("expired", "expired_key"),
    ] {
      let keys: Configuration = ["public": [["file": "\(try await gpg.exportPublic("\(user)@x.example"))"]]]
      if user == "expired" {
        // Known to have been good once, which is no problem of the route.
        _ = try await run([encrypt(keys, "expired@x.example")], on: .bytes(Self.text), clock: before)
        let failed = try await failure(of: encrypt(keys, "expired@x.example"), on: Self.text)
        #expect(failed?.kind == .rejected)
        #expect(failed?.reason == "a key that is to encrypt has expired")
      } else {
        #expect(problems(encrypt(keys, "\(user)@x.example")).count == 1, "\(user)")
      }
      let message = try await run(
        [encrypt(keys, "\(user)@x.example", [("allow", ["\(weakness)"])])], on: .bytes(Self.text))
      #expect(try await gpg.run(["--decrypt"], try message.bodyBytes()) == Self.text, "\(user)")
    }
  }

  @Test("a key whose owner bound it by MD5, or of late by SHA-1, is none of his", arguments: ["MD5", "SHA1"])
  func weaklyBound(_ hash: String) async throws {
    let gpg = try await GnuPG()
    let user = "weak@x.example"
    let weak = ["--allow-weak-digest-algos", "--cert-digest-algo", hash]
    try await gpg.makeKey(user, .curve25519, at: "20250101T000000", more: weak)
    let keys: Configuration = ["public": [["file": "\(try await gpg.exportPublic(user))"]]]
    let context = Context.testing(clock: ManualClock(wallTime: 1_750_000_000))
    let problems = #expect(throws: Diagnostics.self) {
      _ = try ComponentLoader([.openPGP], context: context).steps([encrypt(keys, user)])
    }
    let expected = "pgp_encrypt: a key that is to encrypt has no good signature of its owner"
    #expect(problems?.all.map(\.message) == [expected])
    let signed = try await gpg.run(weak + ["--sign", "--local-user", user], Self.text, at: "20250102T000000")
    let failed = try await failure(
      of: ["pgp_verify": ["keys": keys]], on: signed, clock: ManualClock(wallTime: 1_750_000_000))
    #expect(failed?.kind == .rejected)
  }

  @Test("a file that changes is read again, and one that cannot be used leaves the former keys")
  func changes() async throws {
    let (parties, others) = (try await Parties.curve.value, try await Parties.rsa.value)
    let folder = TemporaryDirectory()
    let (clock, log) = (ManualClock(), LogRecorder())
    folder.write("key.asc", try #require(parties.gpg.files.read("\(parties.theirs).public")))
    let keys: Configuration = ["public": [["file": "\(folder.path)/key.asc"]]]
    let context = Context.testing(clock: clock, log: log)
    let step = try ComponentLoader([.openPGP], context: context).steps([encrypt(keys, parties.theirs)])
    func encrypted() async throws -> [UInt8] {
      clock.advance(by: .seconds(11))
      var message = Message(body: .bytes(Self.text))
      _ = try await step.run(&message)
      return try message.bodyBytes()
    }
    #expect(try await parties.gpg.run(["--decrypt"], try await encrypted()) == Self.text)
    folder.write("key.asc", "no key any more")
    #expect(try await parties.gpg.run(["--decrypt"], try await encrypted()) == Self.text)
    #expect(try await parties.gpg.run(["--decrypt"], try await encrypted()) == Self.text)
    let warnings = log.lines.all.filter { $0.message == "new keys cannot be used, the former stay" }
    #expect(warnings.count == 1)
    folder.write("key.asc", try #require(others.gpg.files.read("\(others.theirs).public")))
    #expect(try await others.gpg.run(["--decrypt"], try await encrypted()) == Self.text)
  }

  @Test("the public key is given as others can read it")
  func publicKey() async throws {
    let parties = try await Parties.rsa.value
    let message = try await run(
      [["pgp_public_key": ["keys": parties.keys, "key": "\(parties.ourFingerprint)"]]], on: .empty)
    #expect(message.contentType == "application/pgp-keys")
    let bytes = try message.bodyBytes()
    #expect(bytes.starts(with: Array("-----BEGIN PGP PUBLIC KEY BLOCK-----".utf8)))
    #expect(!String(decoding: bytes, as: UTF8.self).contains("PRIVATE"))
    let gpg = try await GnuPG()
    try await gpg.run(["--import"], bytes)
    let encrypted = try await gpg.run(["--encrypt", "--recipient", parties.ours], Self.text)
    let result = try await run([["pgp_decrypt": ["keys": parties.keys]]], on: .bytes(encrypted))
    #expect(try result.bodyBytes() == Self.text)
  }
}
