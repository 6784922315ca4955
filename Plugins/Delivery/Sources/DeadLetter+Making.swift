internal import Omnibus
internal import OmnibusReactor
internal import OmnibusStore

extension DeadLetter {
  /// The letter of a message that failed in the route of `context`.
  init(_ message: Message, _ failure: Failure, received: Double, _ context: Context) async throws {
    var message = message
    if case .document(let document) = message.body {
      message.body = .bytes(try await context.blocking.run { try document.serialize() })
      if message.contentType == nil { message.contentType = document.mediaType }
    }
    let size = if case .bytes(let bytes) = message.body { bytes.count } else { 0 }
    let attempt = Attempt(
      failure, revision: context.revision, tries: failure.attempts + (message.delivery?.attempt ?? 1) - 1,
      time: context.clock.wallTime)
    self.init(
      id: DeadLetter.id(of: message, in: context.route), route: context.route, entry: context.entry,
      message: message, size: size, received: received, attempts: [attempt])
  }
}

extension Context {
  /// The step that is wrapped; nil where it is the whole route.
  fileprivate var entry: String? { step == "route" ? nil : step }
}

extension Message {
  /// Adds the headers that tell whoever gets the letter what became of the message.
  mutating func addReasons(of letter: DeadLetter) {
    headers["dead-letter-id"] = letter.id
    headers["dead-letter-route"] = letter.route
    headers["dead-letter-received"] = "\(letter.received)"
    guard let attempt = letter.attempts.last else { return }
    headers["dead-letter-revision"] = attempt.revision
    headers["dead-letter-step"] = attempt.step
    headers["dead-letter-component"] = attempt.component
    headers["dead-letter-kind"] = attempt.kind.rawValue
    headers["dead-letter-reason"] = attempt.reason
    headers["dead-letter-attempts"] = "\(attempt.tries)"
    headers["dead-letter-time"] = "\(attempt.time)"
  }
}
