internal import Omnibus

/// Runs steps on each part of a message, and has succeeded when all parts have. Parts are read as they are worked on,
/// so that a body of any size takes the memory of as many parts as are under way.
struct SplitStep: Step {
  /// After how many parts others get their turn on the reactor, where no part waits for anything.
  private static let turn = 256

  private let source: PartSource
  private let parallel: Int
  private let collects: PartOptions.Collect?
  private let worker: PartWorker

  init(_ options: SplitOptions) {
    source = options.parts
    parallel = options.handling.parallel
    collects = options.handling.collect
    worker = PartWorker(steps: options.handling.steps.block, onFailure: options.handling.onFailure, collects: collects)
  }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    var reader = try source.reader(for: &message, context)
    var whole = Whole(message)
    var tally = Tally()
    if parallel == 1 {
      repeat {
        while let part = try reader.nextReady() {
          try Task.checkCancellation()
          var message = whole.message(for: part)
          if worker.neverWaits {
            do throws(Failure) { tally.add(try worker.runNow(part, &message, context)) } catch {
              tally.add(try await worker.handle(error, part, &message, context))
            }
          } else {
            tally.add(try await worker.run(part, &message, context))
          }
          if part.number % Self.turn == 0 { await Task.yield() }
        }
      } while try await reader.refill()
    } else {
      try await run(&reader, of: &whole, &tally, context)
    }
    message.properties["split"] = .map(
      ValueMap([("parts", .int(Int64(tally.parts))), ("failed", .int(Int64(tally.failed)))]))
    if collects != nil { message.setJSON(.list(tally.bodies)) }
    return .next
  }

  /// Works on several parts at once. The first failure cancels the others, and is thrown once they have ended.
  private func run(
    _ reader: inout any PartReader, of whole: inout Whole, _ tally: inout Tally, _ context: Context
  ) async throws {
    try await withThrowingTaskGroup(of: PartWorker.Outcome.self) { group in
      var running = 0
      while let part = try await reader.next() {
        if running == parallel, let outcome = try await group.next() {
          tally.add(outcome)
          running -= 1
        }
        let message = whole.message(for: part)
        group.addTask { [worker] in
          var message = message
          return try await worker.run(part, &message, context)
        }
        running += 1
      }
      for try await outcome in group { tally.add(outcome) }
    }
  }
}

/// The message that parts are of, without its body.
private struct Whole {
  private let id: MessageID
  private let contentType: String?
  private var present: String?
  private var message: Message
  private let watch: MessageWatch

  init(_ message: Message) {
    watch = message.watch
    self.message = message
    self.message.body = .empty
    self.message.properties["part"] = nil
    id = message.id
    contentType = message.contentType
    present = contentType
  }

  /// The message of the part, with the content type that the body has. Parts nearly always share one, and then headers.
  mutating func message(for part: Part) -> Message {
    message.id = id.part(part.number - 1)
    // What each part takes is measured of one in so many, as of messages that are no parts.
    message.watch = part.number % MessageWatch.period == 1 ? watch.union(.timed) : watch.subtracting(.timed)
    message.properties.part = PartPlace(number: part.number, line: part.line, type: part.type)
    switch part.content {
    case .document(let document): return message(.document(document), document.mediaType)
    case .bad(_, let source): return message(.bytes(source), contentType)
    }
  }

  private mutating func message(_ body: Body, _ type: String?) -> Message {
    if type != present {
      message.contentType = type
      present = type
    }
    var message = message
    message.body = body
    return message
  }
}

/// What became of the parts so far.
private struct Tally {
  private(set) var parts = 0
  private(set) var failed = 0
  private var collected: [(number: Int, body: Value)] = []

  /// The bodies in the order of the parts, whichever ended first.
  var bodies: [Value] { collected.sorted { $0.number < $1.number }.map(\.body) }

  mutating func add(_ outcome: PartWorker.Outcome) {
    parts += 1
    if outcome.failed { failed += 1 }
    if let body = outcome.body { collected.append((outcome.number, body)) }
  }
}
