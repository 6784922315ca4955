internal import Glibc
internal import Omnibus
internal import OmnibusReactor

/// One of the places that the keys of a ring come from.
enum KeySource: Hashable {
  /// A file; where it is a keybox it holds public keys.
  case file(path: String, isKeybox: Bool, isSecret: Bool, passphrase: Passphrase?)
  /// A secret key that is written as a secret.
  case text(Passphrase, passphrase: Passphrase?)
  /// An address that gives one public key.
  case url(KeyAddress)

  /// The sources of `options`; relative paths start from `directory`.
  static func all(of options: KeyRingOptions, in directory: String) -> [KeySource] {
    func path(_ name: String) -> String { name.hasPrefix("/") ? name : "\(directory)/\(name)" }
    let publicKeys = options.publicKeys.compactMap { keys -> KeySource? in
      if let file = keys.file {
        return .file(path: path(file), isKeybox: false, isSecret: false, passphrase: nil)
      }
      if let file = keys.keybox {
        return .file(path: path(file), isKeybox: true, isSecret: false, passphrase: nil)
      }
      guard let url = keys.url, let fingerprint = keys.fingerprint else { return nil }
      return .url(
        KeyAddress(
          url: url, fingerprint: fingerprint, refresh: keys.refresh, timeout: keys.timeout,
          tls: keys.tls.configuration(in: directory)))
    }
    let secretKeys = options.secretKeys.compactMap { keys -> KeySource? in
      if let file = keys.file {
        return .file(
          path: path(file), isKeybox: false, isSecret: true, passphrase: keys.passphrase.map(Passphrase.init))
      }
      return keys.key.map { .text(Passphrase($0), passphrase: keys.passphrase.map(Passphrase.init)) }
    }
    return publicKeys + secretKeys
  }

  /// What tells one version of a file from the next; nil for what is no file, and for one that is not there.
  var stamp: Stamp? { if case .file(let path, _, _, _) = self { Stamp(path) } else { nil } }

  /// The keys, of a source that is not elsewhere. Blocks.
  func read() throws(Failure) -> KeyMaterial.Entry? {
    switch self {
    case .url: return nil
    case .text(let text, let passphrase):
      return .init(name: "key", bytes: Array(text.secret.reveal.utf8), isSecret: true, passphrase: passphrase?.secret)
    case .file(let path, let isKeybox, let isSecret, let passphrase):
      return .init(
        name: path, bytes: try Self.bytes(path), form: isKeybox ? .keybox : .openPGP, isSecret: isSecret,
        passphrase: passphrase?.secret)
    }
  }

  private static let limit = 64 << 20

  private static func bytes(_ path: String) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable(path, SystemError("open")) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
      throw Failure(.internal, "\(path) is no file of at most \(limit) bytes")
    }
    var problem: SystemError?
    let bytes = [UInt8](unsafeUninitializedCapacity: status.st_size) { buffer, filled in
      while filled < buffer.count {
        let count = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
        if count < 0, errno == EINTR { continue }
        if count < 0 { problem = SystemError("read") }
        guard count > 0 else { return }
        filled += count
      }
    }
    if let problem { throw unreadable(path, problem) }
    return bytes
  }

  private static func unreadable(_ path: String, _ error: SystemError) -> Failure {
    Failure(.internal, "\(path) cannot be read: \(error)")
  }
}

extension KeySource {
  /// What tells one version of a file from the next without reading it.
  struct Stamp: Hashable {
    private let numbers: [Int]

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      numbers = [
        Int(bitPattern: UInt(status.st_dev)), Int(bitPattern: UInt(status.st_ino)), status.st_size,
        status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
      ]
    }
  }
}

/// Where the key of a fingerprint is fetched from, and how.
struct KeyAddress: Hashable {
  let url: String
  let fingerprint: Fingerprint
  let refresh: Duration
  let timeout: Duration
  let tls: TLSClientConfiguration
}

/// A secret that can be compared, so that rings with the same keys are one.
struct Passphrase: Hashable {
  let secret: Secret

  init(_ secret: Secret) { self.secret = secret }

  static func == (a: Passphrase, b: Passphrase) -> Bool { a.secret.reveal == b.secret.reveal }

  func hash(into hasher: inout Hasher) { hasher.combine(secret.reveal) }
}
