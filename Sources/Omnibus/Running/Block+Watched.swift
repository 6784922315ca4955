internal import OmnibusReactor

extension Block {
  /// Runs the steps as `run` does, on a message of which each step is timed or a span of its trace.
  func runWatched(_ message: inout Message) async throws -> Next {
    var next = Next.next
    var start = MonotonicTime.now
    for index in plan.indices {
      if case .decoding = plan[index].place {
        try await message.decodeAside(contexts[index])
        continue
      }
      let outer = meters[index].begin(&message)
      do {
        next = try await runStage(index, &message)
      } catch {
        let failure = failure(error, at: index)
        _ = meters[index].end(&message, outer, from: start, failure.kind)
        throw failure
      }
      start = meters[index].end(&message, outer, from: start, nil)
      if next == .stop { return .stop }
    }
    return endsOneWay ? .done : next
  }

  /// Runs the steps as `runNow` does, on such a message.
  func runWatchedNow(_ message: inout Message) throws(Failure) -> Next {
    var next = Next.next
    var start = MonotonicTime.now
    for index in plan.indices {
      let outer = meters[index].begin(&message)
      do {
        next = try runStageNow(index, &message)
      } catch {
        let failure = failure(error, at: index)
        _ = meters[index].end(&message, outer, from: start, failure.kind)
        throw failure
      }
      start = meters[index].end(&message, outer, from: start, nil)
      if next == .stop { return .stop }
    }
    return endsOneWay ? .done : next
  }

  private func runStage(_ index: Int, _ message: inout Message) async throws -> Next {
    plan[index].mark.begin()
    switch plan[index].place {
    case .step(let place): return try await steps[place].process(&message, contexts[index])
    case .handler(let place): return try await handlers[place](&message, contexts[index])
    case .transformer, .immediate, .decoding: break
    }
    guard message.body.isLarge else { return try runStageNow(index, &message) }
    return try await message.aside(contexts[index]) { message in
      Result { try runStageNow(index, &message) }
    }.get()
  }

  private func runStageNow(_ index: Int, _ message: inout Message) throws -> Next {
    plan[index].mark.begin()
    switch plan[index].place {
    case .immediate(let place): return try immediates[place].processNow(&message, contexts[index])
    case .transformer(let place):
      try transformers[place].transform(&message, contexts[index])
      return .next
    case .step, .handler, .decoding:
      throw Failure(.internal, "a step that may wait was run as one that does not")
    }
  }
}
