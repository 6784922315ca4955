import Logging
import Omnibus
import OmnibusAdmin
import OmnibusEngine
import OmnibusTesting
import Synchronization
import Testing

struct StoreMetricsTests {
  @Test func `letters by route are shown as they were counted when metrics were read before`() async throws {
    let (clock, folder, counted, kept) = (ManualClock(), TemporaryDirectory(), Recorder<Int>(), Kept())
    let context = Context.testing()
    let environment = EngineEnvironment(
      reactors: context.reactors, blocking: context.blocking, clock: clock,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let shown = StoreMetrics(environment, directory: folder.path + "/data") {
      counted.append(1)
      return kept.counts.withLock { $0 }
    }
    kept.counts.withLock { $0 = ["orders": 3, "visits": 1] }
    func read() -> [String: MetricFamily.Reading] {
      let families = environment.metrics.read()
      let letters = families.first { $0.name == "omnibus_dead_letters" }?.series ?? []
      return Dictionary(uniqueKeysWithValues: letters.map { ($0.labels[1], $0.reading) })
    }
    func eventuallyShows(_ counts: [String: Int]) async throws -> Bool {
      try await eventually { read() == counts.mapValues { .integer($0) } }
    }
    #expect(try await eventuallyShows(["orders": 3, "visits": 1]))
    #expect(counted.all.count == 1)
    kept.counts.withLock { $0 = ["visits": 2] }
    _ = read()
    #expect(counted.all.count == 1)
    clock.advance(by: .seconds(1))
    #expect(try await eventuallyShows(["visits": 2]))
    #expect(counted.all.count == 2)
    let free = environment.metrics.read().first { $0.name == "omnibus_data_free_bytes" }?.series.first?.reading
    guard case .number(let bytes)? = free else {
      Issue.record("no room is shown")
      return
    }
    #expect(bytes > 0)
    withExtendedLifetime(shown) {}
  }

  private final class Kept: Sendable {
    let counts = Mutex<[String: Int]>([:])
  }
}
