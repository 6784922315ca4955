internal import CRNP
internal import Omnibus

/// Encrypts, and signs what is encrypted.
enum RNPEncrypting {
  /// The keys to encrypt to, and those to sign with.
  static func keys(
    _ order: Encryption, _ session: RNPSession, _ time: UInt64
  ) throws(Failure) -> (recipients: [RNPKey], signers: [RNPKey]) {
    var recipients: [RNPKey] = []
    for name in order.recipients {
      recipients.append(try session.certificate(name).key(for: .encrypt, at: time, allowed: order.allowed))
    }
    return (recipients, try RNPSigning.keys(order.signers, session, time, order.allowed))
  }

  static func run(
    _ order: Encryption, _ session: RNPSession, _ time: UInt64, _ pump: Pump
  ) throws(Failure) -> ProviderReport {
    let (recipients, signers) = try keys(order, session, time)
    try RNPStreams.run(pump) { input, output throws(RNPError) in
      var operation: rnp_op_encrypt_t?
      defer { rnp_op_encrypt_destroy(operation) }
      try RNPError.check(rnp_op_encrypt_create(&operation, session.ffi, input, output))
      for key in recipients { try RNPError.check(rnp_op_encrypt_add_recipient(operation, key.handle)) }
      for key in signers { try RNPError.check(rnp_op_encrypt_add_signature(operation, key.handle, nil)) }
      if !signers.isEmpty {
        try RNPError.check(rnp_op_encrypt_set_creation_time(operation, UInt32(clamping: time)))
      }
      try RNPError.check(rnp_op_encrypt_set_hash(operation, order.hash.rawValue.uppercased()))
      try RNPError.check(rnp_op_encrypt_set_cipher(operation, order.cipher.rawValue.uppercased()))
      try RNPError.check(rnp_op_encrypt_set_armor(operation, order.isArmored))
      let (name, level) = order.compression.setting(order.level)
      try RNPError.check(rnp_op_encrypt_set_compression(operation, name, level))
      try RNPError.check(rnp_op_encrypt_execute(operation))
    } failing: { _ in
      Failure(.internal, "librnp could not encrypt")
    }
    return ProviderReport()
  }
}
