extension Rule {
  /// Rules for middleware.
  static let ofMiddleware = [
    callsNext, passesResult, passesKind, callsAsDocumented, sameOriginal, cancelPasses, noTimerLeft, permitsReturn,
    nests, sameAround, notMixedUpWithin,
  ]

  static let callsNext = Rule(
    "calls-next", "a message goes on inwards once, and as it came in",
    because: "what does nothing wrong must not be touched")
  static let passesResult = Rule(
    "passes-result", "what next answers, and what it made of the message, is the result",
    because: "stop would not stop, and replies would be lost")
  static let passesKind = Rule(
    "passes-kind", "a failure keeps its kind on its way out",
    because: "outer middleware and the sender go by it")
  static let callsAsDocumented = Rule(
    "calls-as-documented",
    "next is called at most as often as the options say, and after an end without a failure no more",
    because: "each call is a message to somebody")
  static let sameOriginal = Rule(
    "same-original", "each call of next gets the message as it came in, whatever the last call made of it",
    because: "the second attempt would send half of the first one's work")
  static let cancelPasses = Rule(
    "cancel-passes", "being cancelled reaches what is called, ends all waiting, and calls next no more",
    because: "otherwise messages that were given up are sent nevertheless")
  static let noTimerLeft = Rule(
    "no-timer-left", "time is taken from context.clock alone, and when the message has ended no timer is left",
    because: "timers of messages long gone hold memory, and cancel what they have nothing to do with")
  static let permitsReturn = Rule(
    "permits-return", "after successes, failures, time-outs and cancels as many messages come in at once as before",
    because: "a permit that is lost each time something fails stops the route in the end")
  static let nests = Rule(
    "nests", "it works within another one of its kind",
    because: "a route's and a step's middleware are often the same")
  static let sameAround = Rule(
    "same-around", "it does the same around a route as around a step",
    because: "where it is written is all that may differ")
  static let notMixedUpWithin = Rule(
    "not-mixed-up-within", "many messages at once have their own results",
    because: "one patient's answer in another's message is the worst that a bus can do")
}
