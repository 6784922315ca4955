internal import Logging
internal import Omnibus
internal import OmnibusReactor

/// Takes the files that come into a folder. A file stays where it is until its message has ended, so that a file whose
/// work was cut short comes again; then it is moved on, never over another file.
struct FileSource: Source {
  private let folder: InboundFolder
  private let settle: Duration
  private let poll: Duration
  private let watches: Bool
  private let ready: FileSourceOptions.Ready
  private let maxInFlight: Int
  private let streamAbove: Int
  private let context: Context

  init(_ options: FileSourceOptions, _ context: Context) {
    let path = context.resolve(options.directory)
    folder = InboundFolder(
      path: path, donePath: options.done.map(context.resolve) ?? "\(path)/done",
      failedPath: options.failed.map(context.resolve) ?? "\(path)/failed", pattern: options.pattern,
      order: options.order, doneFile: options.doneFile.map(DoneFile.init), respectsLocks: options.respectLocks,
      claims: options.takeoverAfter.map { Claims(patience: $0.nanosecondsClamped) })
    settle = options.doneFile == nil ? options.settle : .zero
    poll = options.poll
    watches = options.watch
    ready = options.ready
    maxInFlight = options.maxInFlight
    streamAbove = options.streamAbove.bytes
    self.context = context
  }

  var summary: String { "\(folder.path)/\(folder.pattern)" }
  /// Nobody sends files: the engine finds them.
  var spanKind: Span.Origin.Kind { .internal }
  /// Some files of the folder, however that is spelt; what links lead to is not known before it is opened.
  var claims: [SourceClaim] { [SourceClaim(Context.normalised(folder.path), pattern: folder.pattern)] }

  func prepare() async throws { try await context.blocking.run { [folder] in try folder.check() } }

  func run(_ deliver: Deliver) async throws {
    let alarm = Alarm()
    let watch = startWatch(alarm, deliver)
    defer { watch?.stop() }
    guard let claims = folder.claims else { return try await take(alarm, watch, deliver) }
    let beat = Task { [context] in
      while true {
        try await deliver.context.clock.sleep(for: claims.beatInterval)
        try await context.blocking.run { claims.beat() }
      }
    }
    defer { beat.cancel() }
    do {
      try await take(alarm, watch, deliver)
    } catch {
      try await context.blocking.run { claims.leave() }
      throw error
    }
    try await context.blocking.run { claims.leave() }
  }

  /// Files are found by looking where the system has no more watches to give.
  private func startWatch(_ alarm: Alarm, _ deliver: Deliver) -> FolderWatch? {
    guard watches else { return nil }
    let watch = FolderWatch(folder, ready, alarm)
    do throws(SystemError) {
      try watch.start(on: context.reactors.next())
      return watch
    } catch {
      deliver.context.logger.warning(
        "the folder cannot be watched, files are found at each poll", metadata: ["reason": "\(error)"])
      return nil
    }
  }

  private func take(_ alarm: Alarm, _ watch: FolderWatch?, _ deliver: Deliver) async throws {
    let clock = deliver.context.clock
    let delivery = FileDelivery(folder: folder, streamAbove: streamAbove, context: context, deliver: deliver)
    var settling = Settling(time: settle.nanosecondsClamped)
    var sighting = Sighting(logger: deliver.context.logger)
    var backlog = Backlog(pause: poll.nanosecondsClamped)
    deliver.ready()
    while !deliver.stop.isStopped {
      var wait = poll
      if !backlog.isEmpty, backlog.retryAt <= clock.now {
        backlog.replace(by: try await delivery.retry(backlog.entries), at: clock.now)
      }
      if backlog.isEmpty {
        let begin = clock.now
        // A look that failed says nothing about the files: what is known of them stays.
        let (sight, arrived) = await look(watch, at: begin)
        if let files = sighting.files(sight) {
          // Where files come all the time, and there are many, looking must not be all that is done.
          let cost = clock.now - begin
          if cost > 5_000_000, try await !clock.sleep(for: .nanoseconds(Int64(cost)), unless: deliver.stop) { return }
          let settled = settling.settled(files, arrived: arrived, at: begin)
          backlog.replace(by: try await work(on: settled, delivery), at: clock.now)
          if let next = settling.next {
            wait = min(wait, .nanoseconds(Int64(clamping: next - min(next, clock.now))))
          }
        }
      }
      if !backlog.isEmpty { wait = .nanoseconds(Int64(clamping: backlog.retryAt - min(backlog.retryAt, clock.now))) }
      guard try await alarm.wait(for: wait, by: clock, unless: deliver.stop) else { return }
    }
  }

  private func look(
    _ watch: FolderWatch?, at now: UInt64
  ) async -> (sight: Result<InboundFolder.Sight, Failure>, arrived: Set<String>) {
    do {
      return try await context.blocking.run { [folder] in
        watch?.follow()
        // Names first: whatever arrives from here on is seen by the next look.
        let arrived = watch?.takeArrived() ?? []
        return (.success(try folder.look(at: now)), arrived)
      }
    } catch {
      return (.failure(Failure(error)), [])
    }
  }

  /// Works on the files in their order, on so many at once as the route allows; starts none once the source is to stop,
  /// or one could not be moved on. Answers those.
  private func work(on files: [FoundFile], _ delivery: FileDelivery) async throws -> [Backlog.Entry] {
    try await withThrowingTaskGroup(of: Backlog.Entry?.self) { group in
      var running = 0
      var left: [Backlog.Entry] = []
      for file in files {
        if running == maxInFlight, let ended = try await group.next() {
          running -= 1
          if let ended { left.append(ended) }
        }
        // Whoever waits here for long, while the route is paused, finds out by itself which files are gone by then.
        guard left.isEmpty, !Task.isCancelled, let admission = try await delivery.deliver.admit() else { break }
        group.addTask(executorPreference: context.reactors.next()) { try await delivery.process(file, admission) }
        running += 1
      }
      for try await ended in group { if let ended { left.append(ended) } }
      return left
    }
  }
}
