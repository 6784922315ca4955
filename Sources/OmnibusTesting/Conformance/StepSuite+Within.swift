internal import Omnibus

extension StepSuite {
  /// The step within fails: so does the step.
  func innerFailures(_ examination: Examination) async throws {
    let subject = try subject(examination)
    guard let sample = try await probing(subject) else { return }
    for kind in Failure.Kind.allCases {
      subject.probe.become(then: .fail(kind))
      let error = await subject.result(of: sample).error
      // Being given up is never for a route to handle.
      guard !handlesFailures || kind == .cancelled else {
        if let error { examination.expectNoPayload(error, "an inner \(kind.rawValue)") }
        continue
      }
      let seen = error.map { Failure($0).kind }
      examination.expect(
        seen == kind, .passesFailures, "an inner \(kind.rawValue) ends as \(seen?.rawValue ?? "no failure")")
      if let error { examination.expectNoPayload(error, "an inner \(kind.rawValue)") }
    }
  }

  /// The step within stops.
  func innerAnswers(_ examination: Examination) async throws {
    let subject = try subject(examination)
    guard let sample = try await probing(subject) else { return }
    subject.probe.become(then: .stop)
    let next = await subject.result(of: sample).next
    examination.expect(
      (next == .stop) == !isRun, .stopPasses, "an inner stop ends as \(next.map { "\($0)" } ?? "a failure")")
  }

  /// The step, or the one within it, is cancelled while it waits.
  func cancel(_ examination: Examination) async throws {
    let subject = try subject(examination)
    let probing = try await probing(subject)
    subject.probe.become(then: .hang)
    for sample in probing.map({ [$0] }) ?? samples {
      let work = Work { [block = subject.block] in
        var message = sample
        return try await block.run(&message)
      }
      let waits = await examination.settles {
        work.hasEnded || subject.probe.underWay > 0 || examination.clock.timers > 0
      }
      guard waits, !work.hasEnded else { continue }
      work.cancel()
      let ended = await examination.settles { work.hasEnded }
      guard examination.expect(ended, .cancelReaches, "it has not returned within \(Examination.patience)") else {
        return
      }
      let kind = work.error.map { Failure($0).kind }
      examination.expect(kind == .cancelled, .cancelReaches, "it has ended as \(kind?.rawValue ?? "done")")
      examination.expect(subject.probe.underWay == 0, .cancelReaches, "what runs within it still does")
      examination.expect(examination.clock.timers == 0, .cancelReaches, "a timer is left")
    }
  }

  /// The first sample for which the step within runs; nil where there is none.
  private func probing(_ subject: Subject) async throws -> Message? {
    for sample in samples {
      let before = subject.probe.received.all.count
      _ = await subject.result(of: sample)
      if subject.probe.received.all.count > before { return sample }
    }
    return nil
  }
}
