public import Logging
public import OmnibusReactor

/// What is made of files of certificates, and can be made anew while it is used.
public protocol TLSRefreshing: Sendable {
  /// Looks whether files changed, and reads them then, for new connections. Blocks.
  func refresh() -> TLSRefresh
}

extension TLSServer: TLSRefreshing {}
extension TLSClient: TLSRefreshing {}

extension TLSRefreshing {
  /// Looks at the files every ten seconds until `stop` is signalled or the task is cancelled, and logs what it found: whoever
  /// renews a certificate puts the files in place and does nothing else. Files that cannot be used leave those before in
  /// use, and are warned of once.
  public func keepFresh(_ context: Context, until stop: StopSignal) async {
    await keepFresh(context.clock, context.blocking, context.logger, until: stop)
  }

  /// The same for what belongs to no route.
  public func keepFresh(
    _ clock: any EngineClock, _ blocking: BlockingExecutor, _ logger: Logger, until stop: StopSignal
  ) async {
    while (try? await clock.sleep(for: .seconds(10), unless: stop)) == true {
      guard let found = try? await blocking.run({ refresh() }) else { return }
      switch found {
      case .unchanged: break
      case .renewed: logger.notice("certificates renewed")
      case .kept(let problem):
        logger.warning(
          "new certificates cannot be used, the former stay", metadata: ["problem": "\(problem)"])
      }
    }
  }
}

extension TLSServer {
  /// Warns of certificates that have expired or are not valid yet: clients will refuse them.
  public func warnOfInvalid(_ context: Context) {
    for file in invalidCertificates {
      context.logger.warning("a certificate is not valid at this time", metadata: ["file": "\(file)"])
    }
  }
}
