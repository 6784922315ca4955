internal import Logging
internal import Omnibus
internal import OmnibusEngine
internal import OmnibusReactor
internal import Synchronization

/// The work that goes on after its requests were answered; a client that goes away leaves it alone.
final class AdminJobs: Sendable {
  /// Does the work, and says by `progress` how far it is; answers what it has come to.
  typealias Work = @Sendable (_ progress: @escaping @Sendable (LetterSummary) -> Void) async throws -> LetterSummary

  /// The most that go on at the same time.
  static let maxRunning = 4
  /// The most that are remembered after their end.
  private static let maxEnded = 100

  private struct State {
    var last = 0
    var isClosed = false
    var jobs: [AdminJob] = []
    var tasks: [String: Task<Void, Never>] = [:]
  }

  private let environment: EngineEnvironment
  private let state = Mutex(State())

  init(_ environment: EngineEnvironment) { self.environment = environment }

  /// Begins a job.
  func start(_ action: String, by caller: AdminCaller, _ work: @escaping Work) throws(AdminProblem) -> AdminJob {
    let now = environment.clock.wallTime
    return try state.withLock { state throws(AdminProblem) in
      guard !state.isClosed, state.tasks.count < Self.maxRunning else {
        throw AdminProblem(
          429, "overloaded", "Too much at once", detail: "at most \(Self.maxRunning) jobs run at the same time")
      }
      state.last += 1
      let job = AdminJob(id: "\(state.last)", action: action, by: caller.name, started: now)
      state.jobs.append(job)
      let ended = state.jobs.filter { $0.phase != .running }
      if ended.count > Self.maxEnded, let first = ended.first { state.jobs.removeAll { $0.id == first.id } }
      state.tasks[job.id] = Task.detached(executorPreference: environment.reactors.next()) { [self] in
        await run(job.id, work)
      }
      return job
    }
  }

  /// All that run, and the last that have ended; the oldest first.
  var all: [AdminJob] { state.withLock { $0.jobs } }

  /// A job by its id.
  func job(_ id: String) throws(AdminProblem) -> AdminJob {
    guard let job = state.withLock({ state in state.jobs.first { $0.id == id } }) else { throw .unknown("job") }
    return job
  }

  /// Lets a job end after the letter that it is at, and does not wait for that; answers how it stands.
  func cancel(_ id: String) throws(AdminProblem) -> AdminJob {
    state.withLock { $0.tasks[id] }?.cancel()
    return try job(id)
  }

  /// Lets all of them end after the letter that they are at, and begins no more.
  @discardableResult
  func end() -> [Task<Void, Never>] {
    let tasks = state.withLock { state in
      state.isClosed = true
      return Array(state.tasks.values)
    }
    for task in tasks { task.cancel() }
    return tasks
  }

  /// Ends all of them, and waits for that until the calling task is cancelled.
  func close() async {
    let tasks = end()
    let (ends, tell) = AsyncStream.makeStream(of: Void.self)
    Task {
      for task in tasks { await task.value }
      tell.finish()
    }
    for await _ in ends {}
  }

  private func run(_ id: String, _ work: Work) async {
    let phase: AdminJob.Phase
    var reason: String?
    do {
      let summary = try await work { [self] summary in change(id) { $0.show(summary) } }
      phase = summary.isComplete ? .finished : .cancelled
    } catch {
      phase = Task.isCancelled ? .cancelled : .failed
      reason = Failure(error).reason
    }
    let now = environment.clock.wallTime
    change(id) { job in
      job.phase = phase
      job.ended = now
      if phase == .failed { job.reason = reason }
    }
    let job = state.withLock { state in
      state.tasks[id] = nil
      return state.jobs.first { $0.id == id }
    }
    guard let job else { return }
    environment.logger.info(
      "admin job ended",
      metadata: [
        "job": "\(job.id)", "action": "\(job.action)", "caller": "\(job.by)", "outcome": "\(job.phase.rawValue)",
        "done": "\(job.done)", "failed": "\(job.failed)", "refused": "\(job.refused)",
      ])
  }

  private func change(_ id: String, _ body: (inout AdminJob) -> Void) {
    state.withLock { state in
      guard let place = state.jobs.firstIndex(where: { $0.id == id }) else { return }
      body(&state.jobs[place])
    }
  }
}
