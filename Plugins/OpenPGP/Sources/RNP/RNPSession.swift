internal import CRNP
internal import Glibc
internal import Omnibus

/// One object of librnp with the keys of a ring, loaded and unlocked.
// @unchecked: librnp's objects are for one thread at a time, and whoever takes a session out of the pool is alone with it.
final class RNPSession: @unchecked Sendable {
  let ffi: rnp_ffi_t
  /// What its keys were loaded from.
  let material: KeyMaterial
  private let certificates: [RNPCertificate]
  /// Those that were asked for, by what they were called.
  private var named: [KeyName: RNPCertificate] = [:]
  /// Those that session keys are decrypted with outside of librnp, once they were needed.
  private var opening: [TransportKey]?
  private let forgetsRevocations: Bool
  /// One with the same keys as far as they are public, once it was needed.
  private var withoutSecrets: RNPSession?

  /// Loads keys; takes a tenth of a second for each passphrase. librnp thinks of them what is to be thought at `time`, and
  /// where it is to forget that keys were revoked, as if they never had been.
  init(_ material: KeyMaterial, at time: UInt64, forgettingRevocations: Bool = false) throws(Failure) {
    var ffi: rnp_ffi_t?
    guard rnp_ffi_create(&ffi, "GPG", "GPG") == rnp_result_t(RNP_SUCCESS), let ffi else {
      throw Failure(.internal, "librnp cannot be started")
    }
    self.ffi = ffi
    self.material = material
    forgetsRevocations = forgettingRevocations
    // What it logs may hold what a message says of itself. The descriptor is its own from now on.
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    if nowhere >= 0 { rnp_ffi_set_log_fd(ffi, nowhere) }
    rnp_set_timestamp(ffi, time)
    do throws(Failure) {
      for entry in material.entries { try Self.load(entry, into: ffi) }
      if forgettingRevocations { for key in Self.keys(of: ffi) { Self.forgetRevocation(of: key) } }
      certificates = Self.certificates(of: ffi)
    } catch {
      rnp_ffi_destroy(ffi)
      throw error
    }
  }

  deinit { rnp_ffi_destroy(ffi) }

  /// Whether owners revoked some of the keys.
  var hasRevokedKeys: Bool {
    certificates.contains { $0.primary.isRevoked || $0.subkeys.contains(where: \.isRevoked) }
  }

  /// The one certificate of a name.
  func certificate(_ name: KeyName) throws(Failure) -> RNPCertificate {
    if let known = named[name] { return known }
    let found = certificates.filter { $0.has(name) }
    guard found.count < 2 else { throw Failure(.rejected, "several keys are called \(name)") }
    guard let first = found.first else { throw Failure(.rejected, "no key is called \(name)") }
    named[name] = first
    return first
  }

  /// The certificate and the key of it with a fingerprint or key id.
  func key(_ digits: String) -> (certificate: RNPCertificate, key: RNPKey)? {
    let digits = digits.uppercased()
    for certificate in certificates {
      for key in certificate.subkeys + [certificate.primary] where key.fingerprint.hasSuffix(digits) {
        return (certificate, key)
      }
    }
    return nil
  }

  /// The secret keys for messages of others, of the kinds that can be taken out of librnp. The first time takes a tenth of a
  /// second for each passphrase.
  func openingKeys() -> [TransportKey] {
    if let opening { return opening }
    let keys = certificates.flatMap { $0.subkeys + [$0.primary] }
      .filter { $0.isSecret && $0.allows(.encrypt) }
      .compactMap { $0.transportKey(unlockedBy: material.entries.compactMap(\.passphrase)) }
    opening = keys
    return keys
  }

  /// A session with the same keys as far as they are public, at `time`: for what a message holds that was decrypted already,
  /// where nothing may cost an operation with a secret key any more.
  func publicOnly(at time: UInt64) throws(Failure) -> RNPSession {
    if let withoutSecrets {
      rnp_set_timestamp(withoutSecrets.ffi, time)
      return withoutSecrets
    }
    let made = try RNPSession(material.withoutSecrets, at: time, forgettingRevocations: forgetsRevocations)
    withoutSecrets = made
    return made
  }

  private static func load(_ entry: KeyMaterial.Entry, into ffi: rnp_ffi_t) throws(Failure) {
    let result = entry.bytes.withUnsafeBytes { bytes -> rnp_result_t in
      var input: rnp_input_t?
      let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      let opened = rnp_input_from_memory(&input, start, bytes.count, false)
      guard opened == rnp_result_t(RNP_SUCCESS) else { return opened }
      defer { rnp_input_destroy(input) }
      let flags = UInt32(RNP_LOAD_SAVE_PUBLIC_KEYS) | (entry.isSecret ? UInt32(RNP_LOAD_SAVE_SECRET_KEYS) : 0)
      switch entry.form {
      case .keybox: return rnp_load_keys(ffi, "KBX", input, flags)
      case .openPGP: return rnp_import_keys(ffi, input, flags | UInt32(RNP_LOAD_SAVE_PERMISSIVE), nil)
      }
    }
    guard result == rnp_result_t(RNP_SUCCESS) else {
      throw Failure(
        .internal, "\(entry.name) holds no \(entry.form == .keybox ? "keybox" : "OpenPGP keys") that can be read")
    }
    if entry.isSecret { try unlock(ffi, entry) }
  }

  /// Unlocks the keys that are locked. Of primary keys that are kept elsewhere there is nothing to unlock.
  private static func unlock(_ ffi: rnp_ffi_t, _ entry: KeyMaterial.Entry) throws(Failure) {
    var tried = 0
    var unlocked = 0
    var secret = 0
    for key in keys(of: ffi) where rnpFlag({ rnp_key_have_secret(key.handle, $0) }) {
      secret += 1
      guard rnpFlag({ rnp_key_is_locked(key.handle, $0) }) else { continue }
      tried += 1
      guard let passphrase = entry.passphrase else { continue }
      if rnp_key_unlock(key.handle, passphrase.reveal) == rnp_result_t(RNP_SUCCESS) { unlocked += 1 }
    }
    guard secret > 0 else { throw Failure(.internal, "\(entry.name) holds no secret keys") }
    guard tried == 0 || unlocked > 0 else {
      let problem = entry.passphrase == nil ? "a passphrase is missing" : "the passphrase is not that"
      throw Failure(.internal, "\(problem) of the keys of \(entry.name)")
    }
  }

  private static func forgetRevocation(of key: RNPKey) {
    var signature: rnp_signature_handle_t?
    rnp_key_get_revocation_signature(key.handle, &signature)
    guard let signature else { return }
    rnp_signature_remove(key.handle, signature)
    rnp_signature_handle_destroy(signature)
  }

  private static func certificates(of ffi: rnp_ffi_t) -> [RNPCertificate] {
    keys(of: ffi).compactMap { key in
      rnpFlag { rnp_key_is_primary(key.handle, $0) } ? RNPCertificate(key) : nil
    }
  }

  private static func keys(of ffi: rnp_ffi_t) -> [RNPKey] {
    var iterator: rnp_identifier_iterator_t?
    guard rnp_identifier_iterator_create(ffi, &iterator, "fingerprint") == rnp_result_t(RNP_SUCCESS) else { return [] }
    defer { rnp_identifier_iterator_destroy(iterator) }
    var keys: [RNPKey] = []
    var digits: UnsafePointer<CChar>?
    while rnp_identifier_iterator_next(iterator, &digits) == rnp_result_t(RNP_SUCCESS), let found = digits {
      var handle: rnp_key_handle_t?
      rnp_locate_key(ffi, "fingerprint", found, &handle)
      if let key = handle.flatMap({ RNPKey($0) }) { keys.append(key) }
    }
    return keys
  }
}
