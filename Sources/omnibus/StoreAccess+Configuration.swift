internal import Omnibus
internal import OmnibusEngine
internal import OmnibusStore

extension StoreAccess {
  /// Access to the store that `data` of a configuration names, which is opened where a route needs it, where it is there
  /// already, and where somebody has written about it.
  convenience init(
    _ configuration: EngineConfiguration, _ sources: ConfigurationSources, _ clock: SystemClock, _ metrics: Metrics
  ) {
    let data = configuration.options.data
    let directory = data.directory(from: sources.directory)
    let isWritten = configuration.settings.contains { $0.key.hasPrefix("data.") && $0.place != nil }
    self.init(isWanted: isWritten || SQLiteStore.exists(in: directory)) {
      try SQLiteStore(directory: directory, key: data.keyBytes, clock: clock, metrics: metrics)
    }
  }
}
