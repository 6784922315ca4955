import Foundation
import Omnibus
import OmnibusTesting

/// The program gpg, with a home of its own.
final class GnuPG: Sendable {
  let home = TemporaryDirectory()
  /// Where keys are written for routes.
  let files = TemporaryDirectory()

  /// Runs as long as the program that it is told to run, and so no longer than this object or the tests: one that gpg
  /// starts by itself would stay.
  private let agent: RunningProgram

  init() async throws {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/gpg") else {
      throw Failure(.unavailable, "skipped: there is no gpg")
    }
    chmod(home.path, 0o700)
    agent = try RunningProgram("/usr/bin/gpg-agent", ["--homedir", home.path, "--daemon", "/bin/cat"])
    guard try await eventually({ home.files.contains("S.gpg-agent") }) else {
      throw Failure(.unavailable, "gpg-agent does not start: \(agent.output)")
    }
  }

  /// Runs gpg with `input`, and gives its output; throws where it fails.
  @discardableResult
  func run(_ arguments: [String], _ input: [UInt8] = [], at time: String? = nil) async throws -> [UInt8] {
    let output = "\(UUID().uuidString).out"
    let faked = time.map { ["--faked-system-time", $0] } ?? []
    let given = "\(UUID().uuidString).in"
    files.write(given, input)
    let command =
      (["gpg", "--homedir", home.path, "--batch", "--no-tty", "--trust-model", "always", "--pinentry-mode", "loopback"]
      + faked + arguments).map { "'\($0)'" }.joined(separator: " ")
    let program = try RunningProgram(
      "/bin/sh", ["-c", "\(command) < \(files.path)/\(given) > \(files.path)/\(output)"], input: .nothing)
    guard try await program.end() == 0 else {
      throw Failure(.internal, "gpg \(arguments.first ?? ""): \(program.output)")
    }
    return files.read(output) ?? []
  }

  /// Makes a key; answers its fingerprint.
  @discardableResult
  func makeKey(
    _ user: String, _ kind: Kind, passphrase: String = "", expires: String = "0", at time: String = "20230101T000000",
    more: [String] = []
  ) async throws -> String {
    let protection = passphrase.isEmpty ? "%no-protection" : "Passphrase: \(passphrase)"
    let parameters = """
      \(kind.parameters)
      Name-Email: \(user)
      Expire-Date: \(expires)
      \(protection)
      %commit

      """
    try await run(more + ["--full-generate-key"], Array(parameters.utf8), at: time)
    return try await fingerprint(of: user)
  }

  func fingerprint(of user: String) async throws -> String {
    let listing = String(decoding: try await run(["--with-colons", "--list-keys", user]), as: UTF8.self)
    let line = listing.split(separator: "\n").first { $0.hasPrefix("fpr:") }
    guard let line else { throw Failure(.internal, "gpg lists no key") }
    return String(line.split(separator: ":", omittingEmptySubsequences: true)[1])
  }

  /// Writes the public key into a file of `files`; answers its path.
  func exportPublic(_ user: String, armored: Bool = true) async throws -> String {
    let name = "\(user).public\(armored ? "" : ".gpg")"
    files.write(name, try await run((armored ? ["--armor"] : []) + ["--export", user]))
    return "\(files.path)/\(name)"
  }

  /// Writes the secret key into a file of `files`; answers its path.
  func exportSecret(_ user: String, passphrase: String = "") async throws -> String {
    let name = "\(user).secret"
    files.write(name, try await run(["--armor", "--passphrase", passphrase, "--export-secret-keys", user]))
    return "\(files.path)/\(name)"
  }

  /// What kind of key.
  enum Kind: Sendable, CaseIterable {
    case rsa, curve25519, rsa1024, dsa

    var parameters: String {
      switch self {
      case .rsa:
        "Key-Type: RSA\nKey-Length: 2048\nKey-Usage: sign,cert\nSubkey-Type: RSA\nSubkey-Length: 2048\nSubkey-Usage: encrypt"
      case .rsa1024:
        "Key-Type: RSA\nKey-Length: 1024\nKey-Usage: sign,cert\nSubkey-Type: RSA\nSubkey-Length: 1024\nSubkey-Usage: encrypt"
      case .curve25519:
        "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign,cert\nSubkey-Type: ECDH\nSubkey-Curve: cv25519\nSubkey-Usage: encrypt"
      case .dsa:
        "Key-Type: DSA\nKey-Length: 2048\nKey-Usage: sign,cert\nSubkey-Type: ELG-E\nSubkey-Length: 2048\nSubkey-Usage: encrypt"
      }
    }
  }
}
