import Omnibus
import OmnibusTesting
import OpenPGPPlugin

/// Two who write to each other: we, by Omnibus, and a partner, by gpg, who each have the other's public key.
struct Parties: Sendable {
  static let curve = SharedParties { try await Parties(.curve25519) }
  static let rsa = SharedParties { try await Parties(.rsa, passphrase: "open sesame") }

  let gpg: GnuPG
  let ours = "bus@care.example"
  let theirs = "ops@partner.example"
  let ourFingerprint: String
  let theirFingerprint: String
  /// Paths of keys.
  let ourSecret: String
  let ourPublic: String
  let theirPublic: String
  let theirSecret: String
  let passphrase: String

  init(_ kind: GnuPG.Kind, passphrase: String = "") async throws {
    gpg = try await GnuPG()
    self.passphrase = passphrase
    ourFingerprint = try await gpg.makeKey(ours, kind, passphrase: passphrase)
    theirFingerprint = try await gpg.makeKey(theirs, kind)
    ourSecret = try await gpg.exportSecret(ours, passphrase: passphrase)
    ourPublic = try await gpg.exportPublic(ours)
    theirPublic = try await gpg.exportPublic(theirs)
    theirSecret = try await gpg.exportSecret(theirs)
    gpg.files.write("passphrase", passphrase)
  }

  /// The option `keys` of our steps.
  var keys: Configuration {
    var secret: [(String, Configuration)] = [("file", "\(ourSecret)")]
    if !passphrase.isEmpty { secret.append(("passphrase", "${file:\(gpg.files.path)/passphrase}")) }
    return ["public": [["file": "\(theirPublic)"]], "secret": [Configuration(entries: secret)]]
  }
}

/// Parties that the tests of a process share: making keys takes a second.
final class SharedParties: Sendable {
  private let task: Task<Parties, any Error>

  init(_ make: @escaping @Sendable () async throws -> Parties) { task = Task { try await make() } }

  var value: Parties { get async throws { try await task.value } }
}

/// Runs steps on a body, at a time when the keys are good.
func run(
  _ steps: Configuration, on body: Body, headers: Headers = Headers(), clock: ManualClock = ManualClock(),
  log: LogRecorder? = nil
) async throws -> Message {
  let context = Context.testing(clock: clock, log: log)
  let block = try ComponentLoader([.openPGP], context: context).steps(steps)
  var message = Message(headers: headers, body: body)
  _ = try await block.run(&message)
  return message
}

extension Message {
  /// All of the body, read where it is a stream.
  func content() async throws -> [UInt8] {
    if case .stream(let stream) = body { return try await stream.collect(limit: 1 << 30) }
    return try bodyBytes()
  }
}
