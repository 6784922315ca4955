internal import Logging
internal import Omnibus
internal import OmnibusStore

/// Keeps a message that fails, as it came in, with why and where; what it wraps has then ended successfully, without a
/// body. Where the message cannot be kept, its failure goes on to the source, which refuses it.
struct DeadLettering: LetterKeeping {
  /// Where letters go.
  enum Place: Sendable {
    case store(StoreAccess)
    case destination(any Step)
  }

  /// The property that says that the message is a dead letter, and which.
  static let property = "dead_letter"

  let kinds: [Failure.Kind]?
  let place: Place

  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
    let original = message
    let received = message.delivery?.received ?? context.clock.wallTime
    let failure: Failure
    do {
      return try await next(&message, context)
    } catch {
      failure = Failure(error)
    }
    guard shouldKeep(failure, of: original, context) else { throw failure }
    if case .stream = original.body {
      throw failure.adding("the body is a stream, which cannot be kept as a dead letter")
    }
    let letter = try await keep(original, failure, received: received, context)
    context.reportKept(letter, failure)
    message = original
    message.body = .empty
    message.contentType = nil
    message.properties[Self.property] = .string(letter)
    return .stop
  }

  /// A message that was given up comes again, and the letter of one that is replayed is there already: whoever replays
  /// it adds the attempt.
  private func shouldKeep(_ failure: Failure, of message: Message, _ context: Context) -> Bool {
    guard failure.kind != .cancelled, !Task.isCancelled, kinds?.contains(failure.kind) ?? true else { return false }
    return message.delivery?.replay?.isOf(message, in: context.route) != true
  }

  /// Keeps the letter and answers its id; throws the failure of the message where that cannot be done.
  private func keep(_ message: Message, _ failure: Failure, received: Double, _ context: Context) async throws -> String
  {
    do {
      var letter = try await DeadLetter(message, failure, received: received, context)
      switch place {
      case .store(let access): try await access.store.keep(letter)
      case .destination(let step):
        letter.message.addReasons(of: letter)
        _ = try await step.process(&letter.message, context)
      }
      return letter.id
    } catch {
      let trouble = Failure(error)
      context.logger.error(
        "a dead letter cannot be kept, so the message is refused",
        metadata: message.logMetadata.merging([
          "failure": "\(failure.kind.rawValue)", "trouble": "\(trouble.kind.rawValue)",
          "reason": "\(trouble.loggedReason)",
        ]) { first, _ in first })
      throw failure
    }
  }
}

extension Failure {
  /// The failure with one thing more to know.
  fileprivate func adding(_ text: String) -> Failure {
    var failure = self
    failure.reason += "; \(text)"
    return failure
  }
}

extension Context {
  /// Logs and counts a letter. The reason stays in the letter: what a route says there may come from the message.
  fileprivate func reportKept(_ letter: String, _ failure: Failure) {
    logger.warning(
      "dead letter kept",
      metadata: [
        "letter": "\(letter)", "failure": "\(failure.kind.rawValue)", "step": "\(failure.step ?? step)",
        "revision": "\(revision)",
      ])
    metrics.counter(
      "omnibus_dead_letters_kept_total", "Messages that became dead letters.",
      [("route", route), ("kind", failure.kind.rawValue)]
    ).add()
  }
}
