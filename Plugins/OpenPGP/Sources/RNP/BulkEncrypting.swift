internal import Omnibus

/// Encrypts large messages in the usual form: one thread packs the data, or has librnp sign it, while another encrypts it.
enum BulkEncrypting {
  /// Encrypts; nil where the message is small or is to be of another form, and nothing was read then.
  static func run(
    _ order: Encryption, _ session: RNPSession, _ time: UInt64, _ pump: Pump
  ) throws(Failure) -> ProviderReport? {
    guard pump.isLarge, !order.isArmored else { return nil }
    let (recipients, signers) = try RNPEncrypting.keys(order, session, time)
    let literal = signers.isEmpty ? LiteralWriter(order.compression, level: order.level) : nil
    guard literal != nil || !signers.isEmpty,
      let (head, writer) = begin(order.cipher, recipients)
    else { return nil }
    let pipe = Pipe()
    let inner = pump.handOverIntake(writing: pipe)
    // nonisolated(unsafe): until its end the companion alone uses both, of which this thread has the intake.
    nonisolated(unsafe) let (outer, sealing) = (pump, writer)
    let companion = try Companion { () throws(Failure) in
      defer { pipe.abandon() }
      do throws(Damaged) { try encrypt(pipe, sealing, behind: head, into: outer) } catch {
        throw Failure(.internal, "OpenSSL could not encrypt")
      }
      if let failure = outer.failure { throw failure }
    }
    let made = Result { () throws(Failure) in
      if let literal { return try write(inner, literal) }
      let signing = Signing(
        signers: order.signers, compression: order.compression, level: order.level, hash: order.hash,
        allowed: order.allowed)
      _ = try RNPSigning.run(signing, session, time, inner)
    }
    if case .success = made { pipe.end() } else { pipe.fail() }
    try companion.wait().get()
    try made.get()
    return ProviderReport()
  }

  /// The packets for the recipients, and what makes the one with the data; nil where a key is of another kind.
  private static func begin(_ cipher: Cipher, _ recipients: [RNPKey]) -> (head: [UInt8], writer: ProtectedWriter)? {
    do throws(Damaged) {
      let key = try SessionKey.random(cipher)
      var head: [UInt8] = []
      for recipient in recipients {
        guard let transport = recipient.transportKey else { return nil }
        head += try transport.wrap(key)
      }
      return (head, try ProtectedWriter(key))
    } catch { return nil }
  }

  private static func write(_ pump: Pump, _ literal: LiteralWriter) throws(Failure) {
    do throws(Damaged) {
      while let piece = pump.take(), !piece.isEmpty {
        let made = try piece.reading { (bytes) throws(Damaged) in try literal.write(bytes) }
        if let made, !pump.write(made) { break }
      }
      if pump.failure == nil { _ = pump.write(try literal.finish()) }
    } catch {
      throw Failure(.internal, "zlib could not pack")
    }
    if let failure = pump.failure { throw failure }
  }

  /// Returns early where whoever fills `pipe` has failed.
  private static func encrypt(
    _ pipe: Pipe, _ writer: ProtectedWriter, behind head: [UInt8], into pump: Pump
  ) throws(Damaged) {
    guard pump.write(head) else { return }
    while let piece = pipe.read() {
      guard !piece.isEmpty else {
        if pump.write(try writer.finish()) { do throws(Failure) { try pump.finish() } catch { return } }
        return
      }
      try piece[...].reading { (bytes) throws(Damaged) in try writer.write(bytes) }
      if let made = writer.take(), !pump.write(made) { return }
    }
  }
}
