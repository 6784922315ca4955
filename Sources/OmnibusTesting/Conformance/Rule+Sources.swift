extension Rule {
  /// Rules for sources.
  static let ofSources = [
    ready, complete, uniqueIDs, acknowledgedAfterDelivery, failureRefuses, failureIsNoEnd, deliveredOnce, backPressure,
    boundedBody, streamed, cancelGivesUp, notLostByCancel, gracefulStop, takesNothingAfterStop, stopsWhenIdle,
    runsAgain, prepareFails, prepareReleases, reloadLosesNothing, reloadDoublesNothing, reloadRefusesNothing,
  ]

  static let ready = Rule(
    "ready", "run calls deliver.ready() once messages can come in",
    because: "an apply waits for it, and would wait for ever")
  static let complete = Rule(
    "complete", "a message has the very bytes that were sent, and the headers that its protocol gives it",
    because: "every step after it works on what the source made of the message")
  static let uniqueIDs = Rule(
    "unique-ids", "each message has an id of its own",
    because: "logs, stores and idempotency keys tell messages apart by it")
  static let acknowledgedAfterDelivery = Rule(
    "acknowledged-after-delivery", "a message is acknowledged when deliver has returned, and not before",
    because: "the sender forgets what was acknowledged; if the route fails then, the message is lost")
  static let failureRefuses = Rule(
    "failure-refuses", "a message whose deliver threw is refused, whatever it threw, and never acknowledged",
    because: "the sender would believe that the message arrived")
  static let failureIsNoEnd = Rule(
    "failure-is-no-end", "a failed message ends neither the source nor the messages after it",
    because: "one bad message would stop all others")
  static let deliveredOnce = Rule(
    "delivered-once", "each message is delivered once and has one outcome, its own, also when many come at once",
    because: "doubled messages are doubled orders and doses, and mixed-up outcomes tell senders of others' messages")
  static let backPressure = Rule(
    "back-pressure", "while messages do not end, no more are taken than the peer says",
    because: "what was taken lies in memory, and a slow destination would fill it")
  static let boundedBody = Rule(
    "bounded-body", "a body over the limit is refused, and not handed on",
    because: "a single sender could take all memory")
  static let streamed = Rule(
    "streamed", "a streamed body comes complete, in memory that does not grow with it",
    because: "streams are for bodies that are larger than the memory")
  static let cancelGivesUp = Rule(
    "cancel-gives-up", "cancelling run ends it soon, cancels what is under way, and acknowledges none of it",
    because: "an engine that ends is held up, or what was given up counts as done")
  static let notLostByCancel = Rule(
    "not-lost-by-cancel", "what was under way when the source was cancelled comes again to the next one",
    because: "it was not acknowledged, and nobody else has it")
  static let gracefulStop = Rule(
    "graceful-stop", "after the stop signal what is under way ends and is acknowledged, and run returns",
    because: "otherwise each restart breaks messages off, or takes the whole grace time")
  static let takesNothingAfterStop = Rule(
    "takes-nothing-after-stop", "after the stop signal no message is taken",
    because: "a busy source would never end")
  static let stopsWhenIdle = Rule(
    "stops-when-idle", "run returns soon after the stop signal where nothing is under way, also where it came first",
    because: "reloads wait for it")
  static let runsAgain = Rule(
    "runs-again", "when a source has ended, another one with the same options prepares, runs and takes messages",
    because: "it has kept what it held: a port, a lock, a file")
  static let prepareFails = Rule(
    "prepare-fails", "prepare throws where the source cannot work, and one with good options works afterwards",
    because: "what prepare finds keeps a wrong configuration from replacing a running one")
  static let prepareReleases = Rule(
    "prepare-releases", "a source that was prepared and never ran gives back what it acquired",
    because: "an apply that fails for another route throws it away, and the next apply would find the port taken")
  static let reloadLosesNothing = Rule(
    "reload-loses-nothing", "every message that is sent while routes are applied again and again is delivered",
    because: "reloads happen under traffic, and the sender was told nothing")
  static let reloadDoublesNothing = Rule(
    "reload-doubles-nothing", "no message that is sent while routes are applied again and again is delivered twice",
    because: "two sources would have taken it, the old one and the new")
  static let reloadRefusesNothing = Rule(
    "reload-refuses-nothing", "every message that is sent while routes are applied again and again is acknowledged",
    because: "a reload must not be seen from outside")
}
