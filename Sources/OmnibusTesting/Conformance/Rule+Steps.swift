extension Rule {
  /// Rules for steps and transformers.
  static let ofSteps = [
    deterministic, declaredType, neverInternal, unchangedByFailedStep, streamLeft, linear, concurrent, passesFailures,
    cancelReaches, stopPasses,
  ]

  static let deterministic = Rule(
    "deterministic", "the same message gives the same result each time",
    because: "a retry or a replay would do something else than the first attempt")
  static let declaredType = Rule(
    "declared-type", "the message has the content type afterwards that the component declares",
    because: "the next step decodes by it, and receivers go by it")
  static let neverInternal = Rule(
    "never-internal", "whatever body comes in, the step succeeds or throws a Failure of a kind that it documents",
    because: "what comes from outside is hostile; an internal failure alarms people and tells the sender nothing")
  static let unchangedByFailedStep = Rule(
    "unchanged-by-failed-step", "a message that the step failed on is as it was before",
    because: "on_failure and dead letters get it as the failed step left it, and half a change is neither old nor new")
  static let streamLeft = Rule(
    "stream-left", "a transformer that fails on a stream leaves it unread",
    because: "what handles the failure can still pass the body on")
  static let linear = Rule(
    "linear", "the time grows no faster than the input",
    because: "one crafted message of a megabyte would hold a reactor, and with it all others, for minutes")
  static let concurrent = Rule(
    "concurrent", "many messages at once have the results that each has alone",
    because: "one component works on the messages of all reactors at the same time")
  static let passesFailures = Rule(
    "passes-failures", "where an inner step fails, the step fails with its kind, unless the route handles it",
    because: "a failed step stops the message, and retry goes by the kind")
  static let cancelReaches = Rule(
    "cancel-reaches", "being cancelled ends the step soon, reaches what runs within it, and leaves no timer behind",
    because: "time-outs and the end of the engine cancel")
  static let stopPasses = Rule(
    "stop-passes", "what an inner step answers is what the step answers, unless it is an inner run of its own",
    because: "stop and filter end the run that they stand in")
}
