internal import Omnibus

extension SourceSuite {
  /// A route that takes its time: nothing is acknowledged before it has ended.
  func waiting(_ examination: Examination) async throws {
    let run = try await start(examination)
    let release = StopSignal()
    run.route.become([.wait(release)], then: .succeed)
    let message = try await run.peer.send(Secret.body(1))
    guard examination.expect(await run.isUnderWay(), .works, "a message was not delivered") else {
      return await run.end()
    }
    if run.peer.showsOutcome {
      let stayed = await examination.stays(step: run.peer.step) { await message.outcome() == .pending }
      let outcome = await message.outcome()
      examination.expect(
        stayed, .acknowledgedAfterDelivery, "while the route was at work on the message it was \(outcome)")
    }
    let again = await examination.stays(step: run.peer.step) {
      run.route.received.all.count == 1 || !run.peer.sendsBodies
    }
    examination.expect(again, .deliveredOnce, "a message was delivered again while the route was at work on it")
    release.signal()
    if run.peer.showsOutcome {
      let outcome = await run.outcome(of: message)
      examination.expect(outcome == .acknowledged, .acknowledgedAfterDelivery, "afterwards it is \(outcome)")
    }
    await run.end()
  }

  /// Being cancelled with messages under way.
  func cancel(_ examination: Examination) async throws {
    let peer = try await makePeer(examination.clock)
    let run = try await SourceRun(name, peer, examination)
    run.route.become(then: .hang)
    let message = try await peer.send(Secret.body(1))
    guard examination.expect(await run.isUnderWay(), .works, "a message was not delivered") else {
      return await run.end()
    }
    run.cancel()
    // Time stands still: what waits for a time-out is not what ends soon.
    let ended = await examination.settles { run.hasEnded }
    examination.expect(ended, .cancelGivesUp, "run has not ended within \(Examination.patience)")
    if !run.isFedByRoutes {
      let given = await examination.settles { run.route.underWay == 0 }
      examination.expect(given, .cancelGivesUp, "the route still works on the message")
    }
    if peer.showsOutcome {
      let stayed = await examination.stays(step: peer.step) { await message.outcome() != .acknowledged }
      examination.expect(stayed, .cancelGivesUp, "a message that was given up is acknowledged")
    }
    guard peer.comesAgain else { return }
    let next = try await SourceRun(name, peer, examination)
    let came = await next.settles { next.arrivals.all.count > 0 }
    examination.expect(came, .notLostByCancel, "it has not come again")
    _ = await next.outcome(of: message)
    await next.end()
  }

  /// The stop signal with a message under way.
  func gracefulStop(_ examination: Examination) async throws {
    let run = try await start(examination)
    let release = StopSignal()
    run.route.become(then: .wait(release))
    let message = try await run.peer.send(Secret.body(1))
    guard examination.expect(await run.isUnderWay(), .works, "a message was not delivered") else {
      return await run.end()
    }
    run.stop()
    // A source hears of it in its own time, which is long where all threads are busy; then it takes nothing, however long.
    _ = await examination.stays { true }
    let late = Work { try await run.peer.send(Secret.body(2)) }
    let nothing = await examination.stays(step: run.peer.step) { run.route.received.all.count == 1 }
    examination.expect(nothing, .takesNothingAfterStop, "a message was taken after the signal")
    examination.expect(!run.hasEnded, .gracefulStop, "run has returned before the message under way has ended")
    release.signal()
    if run.peer.showsOutcome {
      let outcome = await run.outcome(of: message)
      examination.expect(outcome == .acknowledged, .gracefulStop, "the message under way is \(outcome)")
    }
    let ended = await run.settles { run.hasEnded }
    examination.expect(ended, .gracefulStop, "run has not returned when the message under way had ended")
    examination.expect(run.error == nil, .gracefulStop, "run threw \(run.error.map(FailureText.of) ?? "")")
    late.cancel()
    if let late = try? late.result?.get(), run.peer.showsOutcome {
      let outcome = await late.outcome()
      examination.expect(outcome != .acknowledged, .takesNothingAfterStop, "a message after the signal is acknowledged")
    }
    run.cancel()
  }

  /// Preparing where it cannot work, and without running.
  func prepare(_ examination: Examination) async throws {
    let peer = try await makePeer(examination.clock)
    if let options = peer.unusableOptions {
      let source = try examination.source(name, options, peer.services)
      do {
        try await source.prepare()
        examination.expect(false, .prepareFails, "prepare has not failed")
      } catch {
        examination.expectNoPayload(error, "prepare")
      }
    }
    do {
      let thrownAway = try examination.source(name, peer.options, peer.services)
      try await thrownAway.prepare()
    }
    // What a source gives back as it goes may take a moment.
    var problem = ""
    let prepared = await examination.settles(step: peer.step) {
      do {
        let run = try await SourceRun(name, peer, examination)
        let message = try await peer.send(Secret.body(1))
        let came = await run.settles { run.arrivals.all.count > 0 }
        if peer.showsOutcome { _ = await run.outcome(of: message) }
        await run.end()
        if !came { problem = "no message came" }
        return true
      } catch {
        problem = FailureText.of(error)
        return false
      }
    }
    examination.expect(prepared && problem.isEmpty, .prepareReleases, "another source with its options: \(problem)")
  }
}
