internal import Omnibus

/// Encrypts large messages in the usual form: one thread reads the data, or has librnp sign it, while another packs and
/// encrypts it.
enum BulkEncrypting {
  /// Encrypts; nil where the message is small or is to be of another form, and nothing was read then.
  static func run(
    _ order: Encryption, _ session: RNPSession, _ time: UInt64, _ pump: Pump
  ) throws(Failure) -> ProviderReport? {
    guard pump.isLarge, !order.isArmored else { return nil }
    let (recipients, signers) = try RNPEncrypting.keys(order, session, time)
    guard let (head, writer) = begin(order.cipher, recipients) else { return nil }
    let packing = try PackedWriter(order.compression, level: order.level)
    guard packing != nil || order.compression == .none else { return nil }
    let pipe = Pipe()
    let inner = pump.handOverIntake(writing: pipe)
    // nonisolated(unsafe): until its end the companion alone uses them, of which this thread has the intake.
    nonisolated(unsafe) let (outer, packer, sealing) = (pump, packing, writer)
    let companion = try Companion(named: "openpgp-cipher") { () throws(Failure) in
      defer { pipe.abandon() }
      do throws(Damaged) { try encrypt(pipe, packer, sealing, behind: head, into: outer) } catch {
        throw Failure(.internal, "the data could not be packed or encrypted")
      }
      if let failure = outer.failure { throw failure }
    }
    let made = Result { () throws(Failure) in
      if signers.isEmpty { return try write(inner) }
      let signing = Signing(signers: order.signers, hash: order.hash, allowed: order.allowed)
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

  private static func write(_ pump: Pump) throws(Failure) {
    var literal = PartWriter.literal
    while let piece = pump.take(), !piece.isEmpty {
      piece.withUnsafeBytes { literal.write($0) }
      if let made = literal.take(), !pump.write(made) { break }
    }
    if pump.failure == nil { _ = pump.write(literal.finish()) }
    if let failure = pump.failure { throw failure }
  }

  /// Returns early where whoever fills `pipe` has failed.
  private static func encrypt(
    _ pipe: Pipe, _ packer: PackedWriter?, _ writer: ProtectedWriter, behind head: [UInt8], into pump: Pump
  ) throws(Damaged) {
    guard pump.write(head) else { return }
    while let piece = pipe.read() {
      guard !piece.isEmpty else {
        try packer?.finish()[...].reading { (bytes) throws(Damaged) in try writer.write(bytes) }
        if pump.write(try writer.finish()) { do throws(Failure) { try pump.finish() } catch { return } }
        return
      }
      try piece[...].reading { (bytes) throws(Damaged) in
        guard let packer else { return try writer.write(bytes) }
        try packer.write(bytes)?[...].reading { (bytes) throws(Damaged) in try writer.write(bytes) }
      }
      if let made = writer.take(), !pump.write(made) { return }
    }
  }
}
