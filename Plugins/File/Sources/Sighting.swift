internal import Logging
internal import Omnibus

/// What looking into a folder brought, and whether that has been said: a folder that cannot be read is logged when that
/// begins and when it ends, not at every look.
struct Sighting {
  let logger: Logger
  private var isBroken = false
  private var unusable = 0

  init(logger: Logger) { self.logger = logger }

  /// The files seen; nil where the folder could not be read.
  mutating func files(_ result: Result<InboundFolder.Sight, Failure>) -> [FoundFile]? {
    switch result {
    case .failure(let failure):
      if !isBroken {
        logger.error("the folder cannot be read, trying again", metadata: ["reason": "\(failure.reason)"])
      }
      isBroken = true
      return nil
    case .success(let sight):
      if isBroken { logger.notice("the folder can be read again") }
      isBroken = false
      if sight.unusable > unusable {
        logger.warning(
          "files are left alone whose names hold control characters or are not UTF-8",
          metadata: ["count": "\(sight.unusable)"])
      }
      unusable = sight.unusable
      return sight.files
    }
  }
}
