internal import CRNP
internal import Omnibus

/// What is to be thought of a message that librnp has read to its end.
struct RNPVerdict {
  static let weakHashes = ["MD5", "SHA1", "RIPEMD160"]
  private static let weakCiphers = ["IDEA", "TRIPLEDES", "CAST5", "BLOWFISH"]

  let operation: rnp_op_verify_t
  let session: RNPSession
  let time: UInt64
  let allowed: Set<Weakness>

  /// Whether the keys that must have signed are there.
  static func check(_ policy: SignaturePolicy, _ session: RNPSession) throws(Failure) {
    for name in policy.signers ?? [] { _ = try session.certificate(name) }
  }

  /// Whether it was encrypted, for a key that may be used, by a cipher that is good, and is whole.
  func checkProtection() throws(Failure) {
    var isWhole = false
    var modeText: UnsafeMutablePointer<CChar>?
    var cipherText: UnsafeMutablePointer<CChar>?
    rnp_op_verify_get_protection_info(operation, &modeText, &cipherText, &isWhole)
    defer {
      rnp_buffer_destroy(modeText)
      rnp_buffer_destroy(cipherText)
    }
    let mode = modeText.map { String(cString: $0) } ?? "none"
    guard mode != "none" else { throw Failure(.invalid, "the message is not encrypted") }
    guard isWhole || mode == "cfb" && allowed.contains(.noIntegrity) else {
      throw Failure(.rejected, "the message has no protection against being changed")
    }
    let cipher = cipherText.map { String(cString: $0) } ?? ""
    guard !Self.weakCiphers.contains(cipher.uppercased()) || allowed.contains(.weakCipher) else {
      throw Failure(.rejected, "the message is encrypted by a cipher that is weak")
    }
    try checkRecipient()
  }

  /// Whether what was decrypted already holds nothing that librnp has decrypted once more.
  func checkNothingIsEncrypted() throws(Failure) {
    var modeText: UnsafeMutablePointer<CChar>?
    let result = rnp_op_verify_get_protection_info(operation, &modeText, nil, nil)
    defer { rnp_buffer_destroy(modeText) }
    guard result == RNP_SUCCESS, let modeText, String(cString: modeText) == "none" else { throw .damaged }
  }

  /// Whether the key that the message was encrypted for may be used.
  func checkRecipient(_ id: String) throws(Failure) {
    // One that is encrypted for nobody in particular (RFC 4880, 5.1) does not say which key it was.
    guard let (_, key) = session.key(id) else { return }
    if let problem = key.problem(at: time, allowed: allowed) {
      throw Failure(.rejected, "the key that the message is encrypted for \(problem)")
    }
  }

  private func checkRecipient() throws(Failure) {
    var recipient: rnp_recipient_handle_t?
    rnp_op_verify_get_used_recipient(operation, &recipient)
    guard let recipient, let id = rnpText({ rnp_recipient_get_keyid(recipient, $0) }) else {
      throw Failure(.rejected, "the message is encrypted by a passphrase")
    }
    try checkRecipient(id)
  }

  /// Who signed, where all that is signed may be.
  func signers(_ policy: SignaturePolicy) throws(Failure) -> ProviderReport {
    var count = 0
    rnp_op_verify_get_signature_count(operation, &count)
    guard count > 0 || policy.signers == nil && !policy.isRequired else {
      throw Failure(.rejected, "the message is not signed")
    }
    var report = ProviderReport()
    for index in 0..<count {
      var signature: rnp_op_verify_signature_t?
      rnp_op_verify_get_signature_at(operation, index, &signature)
      guard let signature else { throw Failure(.internal, "librnp said nothing of a signature") }
      if let signer = try signer(of: signature) { report.signers.append(signer) }
    }
    guard let wanted = policy.signers else {
      guard !policy.isRequired || !report.signers.isEmpty else {
        throw Failure(.rejected, "the message is signed by none of the public keys")
      }
      return report
    }
    var expected: Set<String> = []
    for name in wanted { expected.insert(try session.certificate(name).primary.fingerprint) }
    guard report.signers.contains(where: { expected.contains($0.fingerprint) }) else {
      throw Failure(.rejected, "the message is signed by nobody who must have signed it")
    }
    return report
  }

  /// Who made a signature that is good; nil for a key that is not known, where that is allowed.
  private func signer(of signature: rnp_op_verify_signature_t) throws(Failure) -> ProviderReport.Signer? {
    let hash = rnpText { rnp_op_verify_signature_get_hash(signature, $0) }?.uppercased() ?? ""
    guard !Self.weakHashes.contains(hash) || allowed.contains(.weakHash) else {
      throw Failure(.rejected, "the message is signed by a hash that is weak")
    }
    let status = RNPError(code: rnp_op_verify_signature_get_status(signature))
    if status.isOne(of: RNP_ERROR_KEY_NOT_FOUND) {
      if allowed.contains(.unknownSigner) { return nil }
      throw Failure(.rejected, "the message is signed by a key that is not among the public keys")
    }
    if status.isOne(of: RNP_ERROR_SIGNATURE_EXPIRED) { throw Failure(.rejected, "a signature has expired") }
    guard status.isOne(of: RNP_SUCCESS) else {
      throw Failure(.rejected, "a signature is not good: the message was changed, or the signature is damaged")
    }
    var handle: rnp_key_handle_t?
    rnp_op_verify_signature_get_key(signature, &handle)
    guard let signing = handle.flatMap({ RNPKey($0) }),
      let (certificate, key) = session.key(signing.fingerprint)
    else { throw Failure(.internal, "librnp said nothing of who signed") }
    for part in [key, certificate.primary] {
      if let problem = part.problem(at: time, allowed: allowed) {
        throw Failure(.rejected, "the key that signed the message \(problem)")
      }
    }
    return .init(fingerprint: certificate.primary.fingerprint, user: certificate.users.first)
  }
}
