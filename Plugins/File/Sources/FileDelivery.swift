internal import Logging
internal import Omnibus
internal import OmnibusReactor

/// Takes one file, delivers it, and moves it on.
struct FileDelivery: Sendable {
  let folder: InboundFolder
  let streamAbove: Int
  let context: Context
  let deliver: Deliver

  private var logger: Logger { deliver.context.logger }

  /// Answers the file where it was worked on but could not be moved on. Ends the admission.
  func process(_ found: FoundFile, _ admission: Admission) async throws -> Backlog.Entry? {
    defer { admission.end() }
    guard let file = await take(found) else { return nil }
    let succeeded: Bool
    do {
      succeeded = try await hand(on: file, admission)
    } catch {
      if file.isClaimed {
        try await context.blocking.run { [folder] in folder.giveBack(file.status.name, from: file.place) }
      }
      throw error
    }
    return try await move(Backlog.Entry(file: file, succeeded: succeeded))
  }

  /// Tries once more to move files on; answers those that could not be.
  func retry(_ entries: [Backlog.Entry]) async throws -> [Backlog.Entry] {
    var left: [Backlog.Entry] = []
    for entry in entries { if let entry = try await move(entry) { left.append(entry) } }
    return left
  }

  private func take(_ found: FoundFile) async -> TakenFile? {
    do {
      switch try await context.blocking.run({ [folder] in try folder.take(found) }) {
      case .taken(let file): return file
      case .notYet: return nil
      case .vanished:
        logger.warning("a file vanished before it was read", metadata: ["file": "\(found.status.name)"])
      }
    } catch {
      logger.error(
        "a file cannot be taken, trying again",
        metadata: ["file": "\(found.status.name)", "reason": "\(Failure(error).reason)"])
    }
    return nil
  }

  /// Answers whether the message succeeded. Being cancelled leaves the file.
  private func hand(on file: TakenFile, _ admission: Admission) async throws -> Bool {
    var delivered: Message?
    do {
      let reader = FileReader(path: folder.path, streamAbove: streamAbove, blocking: context.blocking)
      var message = try await reader.message(for: file)
      message.delivery = Delivery(received: deliver.context.clock.wallTime, admission: admission)
      defer { delivered = message }
      try await deliver(&message)
      return true
    } catch {
      let failure = Failure(error)
      if failure.kind == .cancelled || Task.isCancelled { throw CancellationError() }
      logger.error(
        "a file failed",
        metadata: (delivered?.logMetadata ?? [:]).merging([
          "file": "\(file.status.name)", "failure": "\(failure.kind.rawValue)", "reason": "\(failure.loggedReason)",
        ]) { first, _ in first })
      return false
    }
  }

  private func move(_ entry: Backlog.Entry) async throws -> Backlog.Entry? {
    let file = entry.file
    do {
      switch try await context.blocking.run({ [folder] in try folder.move(file, succeeded: entry.succeeded) }) {
      case .moved: break
      case .vanished:
        logger.warning(
          file.isClaimed
            ? "a file was taken over by another engine while it was worked on"
            : "a file vanished while it was worked on",
          metadata: ["file": "\(file.status.name)"])
      case .replaced:
        logger.warning(
          "a file was replaced or changed after it was read, and is left as a new one",
          metadata: ["file": "\(file.status.name)"])
      }
      return nil
    } catch {
      logger.error(
        "a file cannot be moved on, trying again",
        metadata: ["file": "\(file.status.name)", "reason": "\(Failure(error).reason)"])
      return entry
    }
  }
}
