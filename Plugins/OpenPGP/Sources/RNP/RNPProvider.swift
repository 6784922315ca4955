internal import CRNP
internal import Omnibus
internal import Synchronization

/// OpenPGP by librnp, in this process. Keys stay loaded: each thread takes a session with them out of a pool.
final class RNPProvider: OpenPGPProvider {
  /// How many sessions wait for work; more are made where more threads work at once, and let go of afterwards.
  private static let mostIdle = 16

  private struct State {
    /// The keys that were loaded last: sessions with others are for once.
    var current: KeyMaterial?
    var idle: [RNPSession] = []
  }

  private let state = Mutex(State())

  func load(_ keys: KeyMaterial, at time: UInt64) throws(Failure) {
    let session = try RNPSession(keys, at: time)
    state.withLock { $0 = State(current: keys, idle: [session]) }
  }

  func export(
    _ name: KeyName, of keys: KeyMaterial, isArmored: Bool, at time: UInt64
  ) throws(Failure) -> [UInt8] {
    try withSession(keys, time) { session throws(Failure) in
      let key = try session.certificate(name).primary
      var output: rnp_output_t?
      defer { rnp_output_destroy(output) }
      let flags = RNP_KEY_EXPORT_PUBLIC | RNP_KEY_EXPORT_SUBKEYS | (isArmored ? RNP_KEY_EXPORT_ARMORED : 0)
      var bytes: UnsafeMutablePointer<UInt8>?
      var count = 0
      do throws(RNPError) {
        try RNPError.check(rnp_output_to_memory(&output, 0))
        try RNPError.check(rnp_key_export(key.handle, output, UInt32(flags)))
        try RNPError.check(rnp_output_memory_get_buf(output, &bytes, &count, false))
      } catch {
        throw Failure(.internal, "the key cannot be exported")
      }
      return Array(UnsafeBufferPointer(start: bytes, count: count))
    }
  }

  func check(_ order: Order, with keys: KeyMaterial, at time: UInt64) throws(Failure) {
    try withSession(keys, time) { session throws(Failure) in
      switch order {
      case .encrypt(let order): _ = try RNPEncrypting.keys(order, session, time)
      case .sign(let order): _ = try RNPSigning.keys(order.signers, session, time, order.allowed)
      case .decrypt(let order): try RNPVerdict.check(order.signatures, session)
      case .verify(let order): try RNPVerdict.check(order.signatures, session)
      }
    }
  }

  func perform(
    _ order: Order, with keys: KeyMaterial, at time: UInt64, through pump: Pump
  ) throws(Failure) -> ProviderReport {
    try withSession(keys, time) { session throws(Failure) in
      let session = try usable(session, for: order, at: time)
      switch order {
      case .encrypt(let order):
        if let report = try BulkEncrypting.run(order, session, time, pump) { return report }
        return try RNPEncrypting.run(order, session, time, pump)
      case .sign(let order): return try RNPSigning.run(order, session, time, pump)
      case .decrypt(let order):
        if let report = try BulkDecrypting.run(order, session, time, pump) { return report }
        return try RNPVerifying.decrypt(order, session, time, pump)
      case .verify(let order): return try RNPVerifying.verify(order, session, time, pump)
      }
    }
  }

  /// The session, or one of its own for keys that have expired or were revoked, which librnp uses as little as it can: one
  /// that is of a time when they were good. Loads all keys anew; routes that allow that do so for a while.
  private func usable(_ session: RNPSession, for order: Order, at time: UInt64) throws(Failure) -> RNPSession {
    let keys: [RNPKey]
    switch order {
    case .encrypt(let order):
      let (recipients, signers) = try RNPEncrypting.keys(order, session, time)
      keys = recipients + signers
    case .sign(let order): keys = try RNPSigning.keys(order.signers, session, time, order.allowed)
    case .decrypt, .verify:
      guard order.allowed.contains(.revokedKey), session.hasRevokedKeys else { return session }
      return try RNPSession(session.material, at: time, forgettingRevocations: true)
    }
    let isRevoked = keys.contains(where: \.isRevoked)
    let past = keys.filter { !$0.isRevoked && $0.validTill <= time }.map { $0.validTill - 1 }.min()
    guard isRevoked || past != nil else { return session }
    return try RNPSession(session.material, at: past ?? time, forgettingRevocations: isRevoked)
  }

  private func withSession<Result>(
    _ keys: KeyMaterial, _ time: UInt64, _ body: (RNPSession) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let known = state.withLock { state in state.current === keys ? state.idle.popLast() : nil }
    let session: RNPSession
    if let known { session = known } else { session = try RNPSession(keys, at: time) }
    rnp_set_timestamp(session.ffi, time)
    defer {
      state.withLock { state in
        if state.current === keys, state.idle.count < Self.mostIdle { state.idle.append(session) }
      }
    }
    return try body(session)
  }
}
