internal import Omnibus
internal import OmnibusReactor
internal import OmnibusStore
internal import Synchronization

/// Shows how a queue stands. The store is asked when something has happened, at most once a second, and when metrics are read
/// that are older than that; the age of the oldest message grows by itself.
final class QueueGauges: Sendable {
  private struct State {
    var status: QueueStatus?
    var asked: UInt64?
    var isScheduled = false
    var observations: [Observation] = []
  }

  private static let pause = Duration.seconds(1)

  private let name: String
  private let access: StoreAccess
  private let clock: any EngineClock
  private let reactors: ReactorGroup
  private let state = Mutex(State())

  init(_ name: String, _ access: StoreAccess, _ context: Context) {
    self.name = name
    self.access = access
    clock = context.clock
    reactors = context.reactors
    let metrics = context.metrics
    let all = [
      observe("omnibus_queue_depth", "Messages in a queue, leased and delayed ones too.", metrics) { status, _ in
        Double(status.depth)
      },
      observe("omnibus_queue_leased", "Messages of a queue that are being worked on.", metrics) { status, _ in
        Double(status.leased)
      },
      observe("omnibus_queue_delayed", "Messages of a queue that are not ready yet.", metrics) { status, _ in
        Double(status.delayed)
      },
      observe(
        "omnibus_queue_oldest_seconds", "How long the oldest message of a queue has been in it; 0 where it is empty.",
        metrics
      ) { status, now in status.oldest.map { max(now - $0, 0) } ?? 0 },
    ]
    state.withLock { $0.observations = all }
  }

  private func observe(
    _ metric: String, _ help: String, _ metrics: Metrics,
    _ value: @escaping @Sendable (_ status: QueueStatus, _ now: Double) -> Double
  ) -> Observation {
    metrics.observe(metric, help, [("queue", name)]) { [weak self] in
      guard let self else { return nil }
      note()
      return state.withLock { $0.status }.map { value($0, clock.wallTime) }
    }
  }

  /// Says that the queue may stand otherwise now.
  func note() {
    let now = clock.now
    let wait: Duration? = state.withLock { state in
      if state.isScheduled { return nil }
      state.isScheduled = true
      guard let asked = state.asked else { return .zero }
      let passed = Duration.nanoseconds(Int64(clamping: now - min(asked, now)))
      return passed >= Self.pause ? .zero : Self.pause - passed
    }
    guard let wait else { return }
    guard wait > .zero else { return ask() }
    _ = clock.schedule(after: wait) { [weak self] in self?.ask() }
  }

  private func ask() {
    state.withLock { state in
      state.asked = clock.now
      state.isScheduled = false
    }
    // A task of its own: whoever reads metrics or has appended a message does not wait for it.
    Task(executorPreference: reactors.next()) { [weak self, access, name] in
      do {
        let found = try await access.store.status(of: name)
        let status = found ?? QueueStatus(name: name, depth: 0, leased: 0, delayed: 0, oldest: nil)
        self?.state.withLock { $0.status = status }
      } catch {
        // The former status stands until the store answers again.
        return
      }
    }
  }
}
