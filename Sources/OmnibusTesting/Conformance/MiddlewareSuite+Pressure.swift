internal import Omnibus

extension MiddlewareSuite {
  /// Being cancelled while the call is under way.
  func cancel(_ examination: Examination) async throws {
    let subject = try subject(examination)
    subject.inner.become(then: .hang)
    let work = subject.start(Secret.message(.bytes(Secret.body(1))))
    _ = await examination.settles { subject.inner.underWay == 1 }
    work.cancel()
    let ended = await examination.settles { work.hasEnded }
    guard examination.expect(ended, .cancelPasses, "it has not returned within \(Examination.patience)") else { return }
    let reached = await examination.settles { subject.inner.underWay == 0 }
    examination.expect(reached, .cancelPasses, "what it called goes on")
    let kind = work.error.map { Failure($0).kind }
    examination.expect(kind == .cancelled, .cancelPasses, "it has ended as \(kind?.rawValue ?? "a success")")
    examination.clock.advance(by: .seconds(86_400))
    examination.expect(subject.inner.received.all.count == 1, .cancelPasses, "next was called again")
    subject.expectNoTimer("being cancelled")
  }

  /// Being cancelled between two calls.
  func cancelWaiting(_ examination: Examination) async throws {
    let subject = try subject(examination)
    for kind in Failure.Kind.allCases where calls(kind) > 1 {
      let before = subject.inner.received.all.count
      subject.inner.become(then: .fail(kind))
      let work = subject.start(Secret.message(.bytes(Secret.body(1))))
      let waits = await examination.settles {
        work.hasEnded || (subject.inner.received.all.count == before + 1 && examination.clock.timers > 0)
      }
      guard waits, !work.hasEnded else { continue }
      let count = subject.inner.received.all.count
      let stays = await examination.stays { subject.inner.received.all.count == count }
      examination.expect(stays, .noTimerLeft, "it goes on while the clock stands still")
      work.cancel()
      let ended = await examination.settles { work.hasEnded }
      guard examination.expect(ended, .cancelPasses, "it waits on, cancelled after a first \(kind.rawValue)") else {
        return
      }
      examination.clock.advance(by: .seconds(86_400))
      examination.expect(subject.inner.received.all.count == count, .cancelPasses, "next was called again")
      subject.expectNoTimer("being cancelled while it waits")
    }
  }

  /// Many messages at once, each with an answer of its own.
  func manyAtOnce(_ examination: Examination) async throws {
    let subject = try subject(examination)
    let mixed = Recorder<String>()
    await withDiscardingTaskGroup { group in
      for number in 0..<24 {
        group.addTask {
          let work = subject.start(Secret.message(.bytes(Secret.body(number)))) { message, _ in
            await Task.yield()
            message.headers["x-answer"] = String(decoding: try message.bodyBytes(), as: UTF8.self)
            return .next
          }
          _ = await examination.settles { work.hasEnded }
          guard case .success(let (message, _))? = work.result else { return mixed.append("a message has failed") }
          let answer = message.headers["x-answer"].map { Array($0.utf8) }
          if answer != Secret.body(number) { mixed.append("a message has another's answer") }
        }
      }
    }
    examination.expect(mixed.all.isEmpty, .notMixedUpWithin, mixed.all.first ?? "")
  }

  /// After all that can happen, as many messages come in at once as before.
  func permits(_ examination: Examination) async throws {
    let subject = try subject(examination)
    let count = atOnce ?? 8
    try await expectAtOnce(count, subject, "at first")
    for _ in 0...count {
      subject.inner.become(then: .fail(.invalid))
      _ = await subject.result(of: Secret.message(.empty))
      subject.inner.become(then: .failWith(CancellationError()))
      _ = await subject.result(of: Secret.message(.empty))
      subject.inner.become(then: .hang)
      let work = subject.start(Secret.message(.empty))
      _ = await examination.settles { subject.inner.underWay > 0 }
      work.cancel()
      _ = await examination.settles { work.hasEnded && subject.inner.underWay == 0 }
      guard givesUp else { continue }
      let error = await subject.result(of: Secret.message(.empty), hangs: true).flatMap { result in
        if case .failure(let error) = result { error } else { nil }
      }
      let kind = error.map { Failure($0).kind }
      examination.expect(
        kind == .timeout, .passesKind, "a call that takes for ever ends as \(kind?.rawValue ?? "nothing")")
      _ = await examination.settles { subject.inner.underWay == 0 }
      examination.expect(subject.inner.underWay == 0, .cancelPasses, "a call that took too long goes on")
      subject.expectNoTimer("a time-out")
    }
    try await expectAtOnce(count, subject, "after failures, cancels and time-outs")
  }

  /// Expects that `count` messages can be within it at the same time, and where that is the limit no more.
  private func expectAtOnce(_ count: Int, _ subject: Subject, _ when: String) async throws {
    let examination = subject.examination
    let release = StopSignal()
    subject.inner.become(then: .wait(release))
    let works = (0..<count).map { subject.start(Secret.message(.bytes(Secret.body($0)))) }
    let came = await examination.settles { subject.inner.underWay == count }
    examination.expect(came, .permitsReturn, "\(when), \(subject.inner.underWay) of \(count) messages come in at once")
    if atOnce != nil {
      let another = subject.start(Secret.message(.empty))
      let stays = await examination.stays { subject.inner.underWay == count }
      examination.expect(stays, .permitsReturn, "\(when), more than \(count) messages come in at once")
      another.cancel()
    }
    release.signal()
    let ended = await examination.settles { works.allSatisfy(\.hasEnded) }
    examination.expect(ended, .permitsReturn, "\(when), messages do not end")
  }

  /// Leave that is taken before the message is there.
  func admission(_ examination: Examination) async throws {
    let subject = try subject(examination)
    guard let limit = atOnce, let middleware = subject.middleware as? any AdmittingMiddleware else { return }
    var admissions: [Admission] = []
    for _ in 0..<limit { admissions.append(Admission([try await middleware.admit(examination.context)])) }
    let another = subject.start(Secret.message(.empty))
    let waits = await examination.stays { subject.inner.underWay == 0 }
    examination.expect(waits, .permitsReturn, "a message comes in although all places were given beforehand")
    another.cancel()
    for admission in admissions.dropFirst() {
      var message = Secret.message(.empty)
      message.delivery = Delivery(received: 0, admission: admission)
      let work = subject.start(message)
      let ended = await examination.settles { work.hasEnded }
      examination.expect(ended, .permitsReturn, "a message waits although its place was given beforehand")
    }
    for admission in admissions { admission.end() }
    try await expectAtOnce(limit, subject, "after places that were given beforehand")
  }

  /// One within another.
  func nested(_ examination: Examination) async throws {
    let outer = try subject(examination)
    let inner = try subject(examination)
    let handler = inner.middleware.wrapping(outer.inner.handler)
    let result = await outer.result(of: Secret.message(.bytes(Secret.body(1))), calling: handler.body)
    if case .success? = result {} else { examination.expect(false, .nests, "a message without any trouble fails") }
    outer.inner.become(then: .fail(.invalid))
    let failed = await outer.result(of: Secret.message(.bytes(Secret.body(1))), calling: handler.body)
    if case .failure(let error)? = failed {
      examination.expect(Failure(error).kind == .invalid, .nests, "invalid became \(Failure(error).kind.rawValue)")
    } else {
      examination.expect(handlesFailures, .nests, "a failure is lost")
    }
    outer.expectNoTimer("nested messages")
  }
}
