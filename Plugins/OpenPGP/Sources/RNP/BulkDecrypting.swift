internal import Omnibus

/// Decrypts large messages of the usual form: one thread takes what was encrypted apart, and checks it, while librnp reads on
/// another what is in it, and judges its signatures.
enum BulkDecrypting {
  /// Decrypts; nil where the message is small or of another form, of which nothing was read then.
  static func run(
    _ order: Decryption, _ session: RNPSession, _ time: UInt64, _ pump: Pump
  ) throws(Failure) -> ProviderReport? {
    guard pump.isLarge, let bytes = pump.look(MessageHead.limit), let head = MessageHead(bytes),
      let (sessionKey, recipient) = key(head, session)
    else { return nil }
    let reader = try session.publicOnly(at: time)
    let pipe = Pipe()
    let inner = pump.handOverOutlet(reading: pipe)
    defer { pump.takeBack(inner) }
    // nonisolated(unsafe): until its end the companion alone uses the pump, of which this thread has the outlet.
    nonisolated(unsafe) let outer = pump
    let companion = try Companion(named: "openpgp-cipher") { () throws(Failure) in
      do throws(Damaged) {
        try decrypt(outer, from: head.dataStart, by: sessionKey, into: pipe)
        pipe.end()
      } catch {
        pipe.fail()
        throw outer.failure ?? .damaged
      }
    }
    let report = Result { () throws(Failure) in
      try RNPVerifying.readDecrypted(order, reader, time, inner, recipient: recipient)
    }
    pipe.abandon()
    try companion.wait().get()
    return try report.get()
  }

  private static func key(_ head: MessageHead, _ session: RNPSession) -> (SessionKey, recipient: [UInt8])? {
    let keys = session.openingKeys()
    let ours = head.recipients.compactMap { recipient in
      keys.first { $0.id == recipient.id }.map { (recipient, key: $0) }
    }
    // Whether one that does not open is followed by one that does is for librnp to try.
    guard ours.count == 1, let (recipient, key) = ours.first,
      let opened = try? key.unwrap(recipient.algorithm, recipient.fields)
    else { return nil }
    return (opened, key.fingerprint)
  }

  /// Goes on to the end where nobody reads from `pipe` any more, so that a message that was changed is found to be that whatever
  /// it came to mean.
  private static func decrypt(
    _ pump: Pump, from start: Int, by key: SessionKey, into pipe: Pipe
  ) throws(Damaged) {
    let reader = try ProtectedReader(key)
    var scanner = PacketScanner()
    var sequence = PacketSequence()
    var (skipped, hasEnded, isWanted) = (start, false, true)
    func give(_ text: [UInt8]) throws(Damaged) {
      try text[...].reading { (text) throws(Damaged) in try sequence.read(text) }
      if isWanted, !text.isEmpty { isWanted = pipe.write(text) }
    }
    while true {
      guard let piece = pump.take() else { throw Damaged() }
      if piece.isEmpty { break }
      try piece.reading { (bytes) throws(Damaged) in
        // What stands before the data is no more than was looked at in one piece.
        var place = min(skipped, bytes.count)
        skipped -= place
        while let event = try scanner.next(in: bytes, from: &place) {
          switch event {
          case .begin: guard !hasEnded else { throw Damaged() }
          case .content(let range): try reader.read(UnsafeRawBufferPointer(rebasing: bytes[range]), give)
          case .end: hasEnded = true
          }
        }
      }
    }
    guard hasEnded else { throw Damaged() }
    try give(try reader.finish())
    try sequence.finish()
  }
}
