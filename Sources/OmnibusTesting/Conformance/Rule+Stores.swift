extension Rule {
  /// Rules for stores.
  static let ofStores = [
    keptWhole, firstInFirstOut, leasedOnce, leaseRunsOut, lostLease, heartbeat, releaseDelays, inOrder, othersPass,
    attemptsCounted, sameKeyAgain, effectOnce, effectEnded, buriedWhole, lettersListed, lettersMerged, lettersApart,
    keysExpire, generationsNumbered, statusRight, tellsReady, nothingLost, cancelledCall, streamsRefused, closedRefuses,
    durable,
  ]

  static let keptWhole = Rule(
    "kept-whole", "what append returned from is leased with its id, its headers in order, and the very body",
    because: "the sender was told that the engine has the message")
  static let firstInFirstOut = Rule(
    "first-in-first-out",
    "messages are leased in the order in which they were appended, whatever their queue is called",
    because: "a change of an order would come before the order")
  static let leasedOnce = Rule(
    "leased-once", "a message that is leased is given to nobody else",
    because: "it would be worked on twice")
  static let leaseRunsOut = Rule(
    "lease-runs-out", "a message is leased again when its lease has run out, and not before",
    because: "who had it is gone, and nobody else would come to it")
  static let lostLease = Rule(
    "lost-lease",
    "a lease whose message somebody else has since, or that was ended, answers false to everything and changes nothing",
    because: "somebody else works on the message by now")
  static let heartbeat = Rule(
    "heartbeat", "a lease that was extended lasts from then on",
    because: "work that takes longer than a lease would be done twice")
  static let releaseDelays = Rule(
    "release-delays", "a message that was released is ready when its delay has passed, and not before",
    because: "a system that is down would be called all the time, or never again")
  static let inOrder = Rule(
    "in-order", "of the messages of an order key one at a time is leased, in their order, behind a delayed one too",
    because: "the later change of a patient's record would be undone by the earlier one")
  static let othersPass = Rule(
    "others-pass", "messages of other keys or none pass those that wait",
    because: "one message that fails would hold up all")
  static let attemptsCounted = Rule(
    "attempts-counted", "each lease counts as an attempt, unless the message was given back as not attempted",
    because: "a message that kills the engine would kill it for ever, and one that nobody came to work on be given up")
  static let sameKeyAgain = Rule(
    "same-key-again", "a message has the same delivery key each time it is leased, and no other message has it",
    because: "what was done under the key would be done again, or not at all")
  static let effectOnce = Rule(
    "effect-once", "an entry whose effect was committed is not appended again",
    because: "a delivery that comes again would double the message")
  static let effectEnded = Rule(
    "effect-ended", "nothing is appended under the delivery of a message that has left its queue",
    because: "whoever lost its lease would append once more what is known to be done, or what is a dead letter")
  static let buriedWhole = Rule(
    "buried-whole", "a message is in its queue or a dead letter, never both and never neither",
    because: "it would be lost, or replayed while it is worked on")
  static let lettersListed = Rule(
    "letters-listed", "dead letters are found by their id and by filters, page by page, until they are removed",
    because: "nobody would come to decide on them")
  static let lettersMerged = Rule(
    "letters-merged", "a letter that is kept again has the history of both",
    because: "what was replayed and failed again would look like new")
  static let lettersApart = Rule(
    "letters-apart",
    "letters of other messages under one id are kept beside each other, and one that failed again is not removed as read",
    because: "a message would be lost that somebody was to decide on")
  static let keysExpire = Rule(
    "keys-expire", "a key is remembered in its scope, until its time has run out or it is forgotten",
    because: "work would be done twice, or left out that was never done")
  static let generationsNumbered = Rule(
    "generations-numbered", "generations have rising numbers, never the same twice, and the newest are kept whole",
    because: "a rollback would bring back other routes than those that were asked for")
  static let statusRight = Rule(
    "status-right", "a queue's status says what is in it, leased and delayed, and since when",
    because: "people act on it at night")
  static let tellsReady = Rule(
    "tells-ready", "an observer is called whenever messages may have become ready, until it is taken back",
    because: "nobody looks without being called, and the message would stay where it is")
  static let nothingLost = Rule(
    "nothing-lost", "among many callers at once nothing is lost, doubled or mixed up",
    because: "engines have many cores and many routes")
  static let cancelledCall = Rule(
    "cancelled-call", "a cancelled call ends soon; a message is there where append returned, and not where it threw",
    because: "time-outs cancel, and what the sender was told must hold")
  static let streamsRefused = Rule(
    "streams-refused", "a stream is refused as invalid, and leaves nothing behind",
    because: "it can be read once, and what cannot be kept must not look kept")
  static let closedRefuses = Rule(
    "closed-refuses", "after close calls fail as unavailable, and closing again does nothing",
    because: "what is under way at the end must come to an end, too")
  static let durable = Rule(
    "durable", "what calls returned from is there when the store is opened again",
    because: "it is what a store is for")
}
