internal import CRNP
internal import Omnibus

/// Decrypts, and verifies.
enum RNPVerifying {
  static func decrypt(
    _ order: Decryption, _ session: RNPSession, _ time: UInt64, _ pump: Pump
  ) throws(Failure) -> ProviderReport {
    pump.boundRecipients()
    var report: Result<ProviderReport, Failure> = .failure(Failure(.internal, "librnp said nothing"))
    try run(session, order.signatures.allowed, pump) { operation throws(Failure) in
      let verdict = RNPVerdict(operation: operation, session: session, time: time, allowed: order.signatures.allowed)
      try verdict.checkProtection()
      report = .success(try verdict.signers(order.signatures))
    }
    return try report.get()
  }

  /// Reads a message that was encrypted and is not any more, for the key of `recipient`.
  static func readDecrypted(
    _ order: Decryption, _ session: RNPSession, _ time: UInt64, _ pump: Pump, recipient: [UInt8]
  ) throws(Failure) -> ProviderReport {
    var report: Result<ProviderReport, Failure> = .failure(Failure(.internal, "librnp said nothing"))
    try run(session, order.signatures.allowed, pump, isDecrypted: true) { operation throws(Failure) in
      let verdict = RNPVerdict(operation: operation, session: session, time: time, allowed: order.signatures.allowed)
      try verdict.checkRecipient(RNPKey.digits(recipient))
      try verdict.checkNothingIsEncrypted()
      report = .success(try verdict.signers(order.signatures))
    }
    return try report.get()
  }

  static func verify(
    _ order: Verification, _ session: RNPSession, _ time: UInt64, _ pump: Pump
  ) throws(Failure) -> ProviderReport {
    var report: Result<ProviderReport, Failure> = .failure(Failure(.internal, "librnp said nothing"))
    try run(session, order.signatures.allowed, pump, detached: order.detached) { operation throws(Failure) in
      let verdict = RNPVerdict(operation: operation, session: session, time: time, allowed: order.signatures.allowed)
      report = .success(try verdict.signers(order.signatures))
    }
    return try report.get()
  }

  /// Runs the operation, and then `judge`, whose verdict counts beside that of librnp.
  private static func run(
    _ session: RNPSession, _ allowed: Set<Weakness>, _ pump: Pump, detached: [UInt8]? = nil, isDecrypted: Bool = false,
    judge: (rnp_op_verify_t) throws(Failure) -> Void
  ) throws(Failure) {
    allow(allowed, session.ffi)
    defer { forbid(allowed, session.ffi) }
    var judged: Failure?
    var isForUs = isDecrypted
    try RNPStreams.run(pump) { input, output throws(RNPError) in
      var signature: rnp_input_t?
      var operation: rnp_op_verify_t?
      defer {
        rnp_op_verify_destroy(operation)
        rnp_input_destroy(signature)
      }
      if let detached {
        // Copied: it is read later.
        try RNPError.check(rnp_input_from_memory(&signature, detached, detached.count, true))
        try RNPError.check(rnp_op_verify_detached_create(&operation, session.ffi, input, signature))
      } else {
        try RNPError.check(rnp_op_verify_create(&operation, session.ffi, input, output))
        // Each signature is judged below: librnp would be content with one that is good.
        try RNPError.check(rnp_op_verify_set_flags(operation, UInt32(RNP_VERIFY_IGNORE_SIGS_ON_DECRYPT)))
      }
      guard let operation else { throw RNPError(code: rnp_result_t(RNP_ERROR_GENERIC)) }
      let result = rnp_op_verify_execute(operation)
      guard result == rnp_result_t(RNP_SUCCESS) || RNPError(code: result).isOfSignatures else {
        isForUs = isForUs || session.isRecipient(of: operation)
        throw RNPError(code: result)
      }
      do throws(Failure) { try judge(operation) } catch { judged = error }
    } failing: { error in
      isForUs ? .damaged : error.failure
    }
    if let judged { throw judged }
  }

  private static func allow(_ allowed: Set<Weakness>, _ ffi: rnp_ffi_t) {
    guard allowed.contains(.weakHash) else { return }
    for hash in RNPVerdict.weakHashes {
      rnp_add_security_rule(
        ffi, "hash algorithm", hash, UInt32(RNP_SECURITY_OVERRIDE) | UInt32(RNP_SECURITY_VERIFY_DATA), 0,
        UInt32(RNP_SECURITY_DEFAULT))
    }
  }

  private static func forbid(_ allowed: Set<Weakness>, _ ffi: rnp_ffi_t) {
    guard allowed.contains(.weakHash) else { return }
    for hash in RNPVerdict.weakHashes {
      rnp_remove_security_rule(
        ffi, "hash algorithm", hash, UInt32(RNP_SECURITY_DEFAULT),
        UInt32(RNP_SECURITY_OVERRIDE) | UInt32(RNP_SECURITY_VERIFY_DATA), 0, nil)
    }
  }
}

extension RNPError {
  /// Whether only signatures are wrong, each of which has its own status.
  fileprivate var isOfSignatures: Bool {
    isOne(
      of: RNP_ERROR_SIGNATURE_INVALID, RNP_ERROR_SIGNATURE_EXPIRED, RNP_ERROR_SIGNATURE_UNKNOWN,
      RNP_ERROR_VERIFICATION_FAILED, RNP_ERROR_NO_SIGNATURES_FOUND)
  }

  /// What it means for a message that was to be opened.
  fileprivate var failure: Failure {
    if isOne(of: RNP_ERROR_NO_SUITABLE_KEY, RNP_ERROR_KEY_NOT_FOUND) {
      return Failure(.rejected, "the message is encrypted for none of the secret keys")
    }
    if isOne(of: RNP_ERROR_BAD_PASSWORD) {
      return Failure(.rejected, "the message is encrypted by a passphrase, or for none of the secret keys")
    }
    if isOne(of: RNP_ERROR_OUT_OF_MEMORY) { return Failure(.overloaded, "out of memory") }
    if isOne(of: RNP_ERROR_NOT_SUPPORTED, RNP_ERROR_NOT_IMPLEMENTED) {
      return Failure(.rejected, "the message is of a form of OpenPGP that is not supported")
    }
    return .damaged
  }
}

extension Failure {
  /// What could not be read as OpenPGP, or was not as it was sent.
  static var damaged: Failure {
    Failure(.invalid, "the message is no OpenPGP message, or is damaged, or was changed")
  }
}

extension RNPSession {
  /// Whether a message is encrypted for a key that is here with its secret.
  fileprivate func isRecipient(of operation: rnp_op_verify_t) -> Bool {
    var count = 0
    rnp_op_verify_get_recipient_count(operation, &count)
    return (0..<min(count, 64)).contains { index in
      var recipient: rnp_recipient_handle_t?
      rnp_op_verify_get_recipient_at(operation, index, &recipient)
      guard let recipient, let id = rnpText({ rnp_recipient_get_keyid(recipient, $0) }) else { return false }
      return key(id)?.key.isSecret ?? false
    }
  }
}
