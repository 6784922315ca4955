internal import Logging
internal import Omnibus

/// Whether a bucket can be listed: logged when that ends and when it begins again, not at every look.
struct BucketSighting {
  let logger: Logger
  private var isBroken = false

  init(logger: Logger) { self.logger = logger }

  mutating func failed(_ failure: Failure) {
    if !isBroken {
      logger.error(
        "the bucket cannot be listed, trying again",
        metadata: ["failure": "\(failure.kind.rawValue)", "reason": "\(failure.reason)"])
    }
    isBroken = true
  }

  mutating func succeeded() {
    if isBroken { logger.notice("the bucket can be listed again") }
    isBroken = false
  }
}
