internal import Logging
internal import Omnibus
internal import OmnibusReactor

/// Takes the files that come into a folder. A file stays where it is until its message has ended, so that a file whose
/// work was cut short comes again; then it is moved on, never over another file.
struct FileSource: Source {
  private let folder: InboundFolder
  private let settle: Duration
  private let poll: Duration
  private let maxInFlight: Int
  private let streamAbove: Int
  private let context: Context

  init(_ options: FileSourceOptions, _ context: Context) {
    let path = context.resolve(options.directory)
    folder = InboundFolder(
      path: path, donePath: options.done.map(context.resolve) ?? "\(path)/done",
      failedPath: options.failed.map(context.resolve) ?? "\(path)/failed", pattern: options.pattern,
      order: options.order, doneFile: options.doneFile.map(DoneFile.init))
    settle = options.doneFile == nil ? options.settle : .zero
    poll = options.poll
    maxInFlight = options.maxInFlight
    streamAbove = options.streamAbove.bytes
    self.context = context
  }

  var summary: String { "\(folder.path)/\(folder.pattern)" }
  var claims: [String] { [summary] }

  func prepare() async throws { try await context.blocking.run { [folder] in try folder.check() } }

  func run(_ deliver: Deliver) async throws {
    let clock = deliver.context.clock
    var settling = Settling(time: settle.nanosecondsClamped)
    var sighting = Sighting(logger: deliver.context.logger)
    var ended: [FileStatus: Bool] = [:]
    deliver.ready()
    while !deliver.stop.isStopped {
      // A look that failed says nothing about the files: what is known of them stays.
      if let files = sighting.files(await look()) {
        let settled = settling.settled(files, at: clock.now)
        // What could not be moved has been worked on: it must not be delivered again, only moved.
        ended = ended.filter { settled.contains($0.key) }
        try await work(on: settled, &ended, deliver)
      }
      guard try await clock.sleep(for: poll, unless: deliver.stop) else { return }
    }
  }

  private func look() async -> Result<InboundFolder.Sight, Failure> {
    do {
      return .success(try await context.blocking.run { [folder] in try folder.look() })
    } catch {
      return .failure(Failure(error))
    }
  }

  /// Works on the files in their order, on so many at once as the route allows; starts none once the source is to stop.
  private func work(on files: [FileStatus], _ ended: inout [FileStatus: Bool], _ deliver: Deliver) async throws {
    try await withThrowingTaskGroup(of: Unmoved?.self) { group in
      var running = 0
      for file in files {
        if running == maxInFlight, let unmoved = try await group.next() {
          running -= 1
          if let unmoved { ended[unmoved.file] = unmoved.succeeded }
        }
        if deliver.stop.isStopped || Task.isCancelled { break }
        let outcome = ended.removeValue(forKey: file)
        group.addTask(executorPreference: context.reactors.next()) { try await finish(file, outcome, deliver) }
        running += 1
      }
      for try await unmoved in group { if let unmoved { ended[unmoved.file] = unmoved.succeeded } }
    }
  }

  private struct Unmoved: Sendable {
    var file: FileStatus
    var succeeded: Bool
  }

  /// Delivers the file unless that was done, and moves it on; answers the file where it could not be moved.
  private func finish(_ file: FileStatus, _ outcome: Bool?, _ deliver: Deliver) async throws -> Unmoved? {
    let succeeded: Bool
    if let outcome {
      succeeded = outcome
    } else {
      guard let outcome = try await hand(on: file, deliver) else { return nil }
      succeeded = outcome
    }
    do {
      try await context.blocking.run { [folder] in try folder.move(file.name, succeeded: succeeded) }
      return nil
    } catch {
      deliver.context.logger.error(
        "a file cannot be moved on, trying again",
        metadata: ["file": "\(file.name)", "reason": "\(Failure(error).reason)"])
      return Unmoved(file: file, succeeded: succeeded)
    }
  }

  /// Answers whether the message succeeded; nil where there is nothing to be moved. Being cancelled leaves the file.
  private func hand(on file: FileStatus, _ deliver: Deliver) async throws -> Bool? {
    var id: MessageID?
    do {
      let folder = try await context.blocking.run { [folder] in try folder.open() }
      let reader = FileReader(
        folder: folder, path: self.folder.path, streamAbove: streamAbove, blocking: context.blocking)
      var message = try await reader.message(for: file)
      id = message.id
      try await deliver(&message)
      return true
    } catch {
      let failure = Failure(error)
      if failure.kind == .cancelled || Task.isCancelled { throw CancellationError() }
      let isGone = (failure.cause as? SystemError)?.isMissingFile == true && id == nil
      deliver.context.logger.error(
        isGone ? "a file vanished before it was read" : "a file failed",
        metadata: [
          "file": "\(file.name)", "message_id": "\(id.map(\.description) ?? "")",
          "failure": "\(failure.kind.rawValue)", "reason": "\(failure.reason)",
        ])
      return isGone ? nil : false
    }
  }
}
