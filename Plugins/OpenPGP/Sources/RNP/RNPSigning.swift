internal import CRNP
internal import Omnibus

/// Signs.
enum RNPSigning {
  /// The keys to sign with.
  static func keys(
    _ names: [KeyName], _ session: RNPSession, _ time: UInt64, _ allowed: Set<Weakness>
  ) throws(Failure) -> [RNPKey] {
    var keys: [RNPKey] = []
    for name in names { keys.append(try session.certificate(name).key(for: .sign, at: time, allowed: allowed)) }
    return keys
  }

  static func run(
    _ order: Signing, _ session: RNPSession, _ time: UInt64, _ pump: Pump
  ) throws(Failure) -> ProviderReport {
    let keys = try keys(order.signers, session, time, order.allowed)
    try RNPStreams.run(pump) { input, output throws(RNPError) in
      var operation: rnp_op_sign_t?
      defer { rnp_op_sign_destroy(operation) }
      switch order.form {
      case .message: try RNPError.check(rnp_op_sign_create(&operation, session.ffi, input, output))
      case .cleartext: try RNPError.check(rnp_op_sign_cleartext_create(&operation, session.ffi, input, output))
      case .detached: try RNPError.check(rnp_op_sign_detached_create(&operation, session.ffi, input, output))
      }
      for key in keys { try RNPError.check(rnp_op_sign_add_signature(operation, key.handle, nil)) }
      try RNPError.check(rnp_op_sign_set_hash(operation, order.hash.rawValue.uppercased()))
      try RNPError.check(rnp_op_sign_set_creation_time(operation, UInt32(clamping: time)))
      if order.form != .cleartext { try RNPError.check(rnp_op_sign_set_armor(operation, order.isArmored)) }
      if order.form == .message {
        let (name, level) = order.compression.setting(order.level)
        try RNPError.check(rnp_op_sign_set_compression(operation, name, level))
      }
      try RNPError.check(rnp_op_sign_execute(operation))
    } failing: { _ in
      Failure(.internal, "librnp could not sign")
    }
    return ProviderReport()
  }
}

extension Compression {
  /// How librnp calls it, with its level.
  func setting(_ level: Int) -> (name: String, level: Int32) {
    switch self {
    case .none: ("Uncompressed", 0)
    case .zip: ("ZIP", Int32(level))
    case .zlib: ("ZLIB", Int32(level))
    case .bzip2: ("BZip2", Int32(level))
    }
  }
}
