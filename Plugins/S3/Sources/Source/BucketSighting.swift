internal import Logging
internal import Omnibus

/// Whether objects can be looked for: logged when that ends and when it begins again, not at every look.
struct BucketSighting {
  let logger: Logger
  private var isBroken = false

  init(logger: Logger) { self.logger = logger }

  mutating func failed(_ failure: Failure) {
    if !isBroken {
      logger.error(
        "objects cannot be looked for, trying again",
        metadata: ["failure": "\(failure.kind.rawValue)", "reason": "\(failure.reason)"])
    }
    isBroken = true
  }

  mutating func succeeded() {
    if isBroken { logger.notice("objects can be looked for again") }
    isBroken = false
  }
}
