extension Rule {
  /// Rules for destinations.
  static let ofDestinations = [
    sent, returnsWhenSent, unchangedByOneWay, keepsTheRest, documentedKind, unchangedByFailure, recovers, notMixedUp,
    streamSent, streamBroken, streamOnce, streamBounded, cancelledSoon, nothingHalfDone, knownAgain,
  ]

  static let sent = Rule(
    "sent", "the peer gets the very bytes of the body, once, whether it is bytes, a document or empty",
    because: "everything before was in vain otherwise")
  static let returnsWhenSent = Rule(
    "returns-when-sent", "process returns when the peer has the message, and not before",
    because: "its return acknowledges the message to whoever sent it; nobody would send it again")
  static let unchangedByOneWay = Rule(
    "unchanged-by-one-way", "a destination that does not answer leaves id, headers, body and properties as they were",
    because: "the steps after it go on with the message as it was")
  static let keepsTheRest = Rule(
    "keeps-the-rest", "an answer replaces body and content type and adds one property, and nothing else changes",
    because: "the steps after it rely on what earlier ones have set")
  static let documentedKind = Rule(
    "documented-kind", "each trouble of the peer is a Failure of the kind that belongs to it, never internal",
    because: "retry, breakers and what the sender is told go by the kind")
  static let unchangedByFailure = Rule(
    "unchanged-by-failure", "a message that failed is as it was before",
    because: "on_failure, retry and dead letters work on it, and would keep or send something else")
  static let recovers = Rule(
    "recovers", "when the peer is well again, the next message is sent",
    because: "a trouble of a minute would last until a restart")
  static let notMixedUp = Rule(
    "not-mixed-up", "of many messages at once each is sent once, and has its own answer",
    because: "one patient's answer in another's message is the worst that a bus can do")
  static let streamSent = Rule(
    "stream-sent", "a body that is a stream arrives complete, or is refused as invalid",
    because: "a part of a body is not the body")
  static let streamBroken = Rule(
    "stream-broken", "where a stream breaks, process throws, and the peer does not keep what came before as a message",
    because: "half a file would be taken for a whole one")
  static let streamOnce = Rule(
    "stream-once",
    "a stream is claimed before it is read; one that was read already fails as invalid and sends nothing",
    because: "a retry would send the rest of a body, or none, as if it were the body")
  static let streamBounded = Rule(
    "stream-bounded", "sending a stream takes memory that does not grow with it",
    because: "streams are for bodies that are larger than the memory")
  static let cancelledSoon = Rule(
    "cancelled-soon", "a cancelled process throws soon, also while the peer says nothing",
    because: "time-outs and the end of the engine cancel; what does not heed it holds up both")
  static let nothingHalfDone = Rule(
    "nothing-half-done", "what was cancelled or failed leaves nothing at the peer that looks like a message",
    because: "the peer works on what it finds")
  static let knownAgain = Rule(
    "known-again", "a message that is sent again has the same key as before, and another message another",
    because: "after outcome_unknown it is sent again, and only by its key the peer can tell")
}
