internal import Omnibus

extension DestinationSuite {
  /// A peer in a state in which it does not take messages, and then well again.
  func trouble(_ examination: Examination, _ state: PeerState) async throws {
    let peer = try await makePeer()
    let step = try destination(peer, examination)
    guard try await peer.become(state) else { return }
    let before = Secret.message(.bytes(Secret.body(1)))
    let work = Work { [self] in await send(before, step, examination) }
    let ended = await examination.settles(step: .milliseconds(100)) { work.hasEnded }
    guard examination.expect(ended, .documentedKind, "a peer that is \(state): process has not returned") else {
      return work.cancel()
    }
    guard case .success(let (message, error))? = work.result else { return }
    expectFailure(error, of: state, peer, examination)
    let (now, then) = (MessageImage(message), MessageImage(before))
    examination.expect(
      now == then, .unchangedByFailure, "a peer that is \(state): \(now.differences(from: then))")
    guard try await peer.become(.well) else { return }
    let kept = try await peer.arrivals().count
    if state == .away || state == .refusing || state == .overloaded {
      examination.expect(kept == 0, .nothingHalfDone, "a peer that is \(state) has \(kept) messages")
    }
    let (_, next) = await send(Secret.message(.bytes(Secret.body(2))), step, examination)
    examination.expect(next == nil, .recovers, "after it was \(state): \(next.map(FailureText.of) ?? "")")
  }

  /// A peer that says nothing: the destination waits, gives up where it is cancelled, and by itself where it has a limit.
  func hanging(_ examination: Examination) async throws {
    let peer = try await makePeer()
    let step = try destination(peer, examination)
    guard try await peer.become(.hanging) else { return }
    let before = Secret.message(.bytes(Secret.body(1)))
    let work = Work { [self] in await send(before, step, examination) }
    if !peer.timesOut {
      let waits = await examination.stays { !work.hasEnded }
      examination.expect(waits, .returnsWhenSent, "process has returned while the peer had not taken the message")
    }
    work.cancel()
    let ended = await examination.settles { work.hasEnded }
    guard examination.expect(ended, .cancelledSoon, "it has not returned within \(Examination.patience)") else {
      return
    }
    if case .success(let (_, error))? = work.result {
      examination.expect(error != nil, .cancelledSoon, "it has returned as if the peer had the message")
      if let error { examination.expectNoPayload(error, "a cancelled message") }
    }
    if peer.timesOut { try await timeout(peer, step, examination) }
    guard try await peer.become(.well) else { return }
    let (_, next) = await send(Secret.message(.bytes(Secret.body(2))), step, examination)
    examination.expect(next == nil, .recovers, "after it was hanging: \(next.map(FailureText.of) ?? "")")
    let bodies = try await peer.arrivals().map(\.body)
    examination.expect(
      bodies.allSatisfy { $0 == Secret.body(1) || $0 == Secret.body(2) }, .nothingHalfDone,
      "the peer has something else than the messages")
  }

  private func timeout(_ peer: any DestinationPeer, _ step: any Step, _ examination: Examination) async throws {
    let work = Work { [self] in await send(Secret.message(.bytes(Secret.body(1))), step, examination) }
    let ended = await examination.settles(step: .milliseconds(100)) { work.hasEnded }
    guard examination.expect(ended, .documentedKind, "a peer that is hanging: no time-out") else {
      return work.cancel()
    }
    if case .success(let (_, error))? = work.result { expectFailure(error, of: .hanging, peer, examination) }
  }

  private func expectFailure(
    _ error: (any Error)?, of state: PeerState, _ peer: any DestinationPeer, _ examination: Examination
  ) {
    guard let error else {
      examination.expect(false, .returnsWhenSent, "a peer that is \(state): process has returned")
      return
    }
    let kind = Failure(error).kind
    let expected = peer.kinds(of: state)
    examination.expect(
      expected.contains(kind), .documentedKind,
      "a peer that is \(state) fails as \(kind.rawValue), expected \(expected.map(\.rawValue).sorted())")
    examination.expectNoPayload(error, "a peer that is \(state)")
  }
}
