internal import Omnibus

extension DestinationSuite {
  /// A stream of a few pieces, sent twice.
  func streams(_ examination: Examination) async throws {
    let peer = try await makePeer()
    let step = try destination(peer, examination)
    let pieces = (0..<5).map(Secret.body)
    let source = PieceSource(pieces)
    let message = Secret.message(.stream(source.stream()))
    let (_, error) = await send(message, step, examination)
    if let error {
      let kind = Failure(error).kind
      examination.expect(
        !peer.takesStreams && kind == .invalid, .streamSent, "a stream fails: \(FailureText.of(error))")
      examination.expectNoPayload(error, "a stream")
      examination.expect(try await peer.arrivals().isEmpty, .nothingHalfDone, "a stream that failed has left something")
      return
    }
    let arrivals = try await peer.arrivals()
    examination.expect(
      arrivals.count == 1 && arrivals.first?.body == Array(pieces.joined()), .streamSent,
      "the peer has \(arrivals.count) messages, of \(arrivals.first?.size ?? 0) bytes")
    let again = await send(message, step, examination).error.map { Failure($0).kind }
    examination.expect(
      again == .invalid, .streamOnce, "a stream that was read already ends with \(again?.rawValue ?? "no failure")")
    let count = try await peer.arrivals().count
    examination.expect(count == 1, .streamOnce, "a stream that was read already has made another message at the peer")
  }

  /// A stream that breaks after a few pieces.
  func brokenStream(_ examination: Examination) async throws {
    let peer = try await makePeer()
    let step = try destination(peer, examination)
    let source = PieceSource((0..<3).map(Secret.body), breaks: true)
    let work = Work { [self] in await send(Secret.message(.stream(source.stream())), step, examination) }
    let ended = await examination.settles { work.hasEnded }
    guard examination.expect(ended, .streamBroken, "process has not returned") else { return work.cancel() }
    guard case .success(let (_, error))? = work.result else { return }
    examination.expect(error != nil, .streamBroken, "process has returned as if all was sent")
    if let error { examination.expectNoPayload(error, "a stream that broke") }
    let count = try await peer.arrivals().count
    examination.expect(count == 0, .streamBroken, "the peer has \(count) messages")
  }

  /// A stream that is larger than what may be held, measured up to six times: what others of the process take at the same
  /// time is no growth of this destination, and does not come six times.
  func largeStream(_ examination: Examination) async throws {
    let (size, bound) = (96 << 20, 32 << 20)
    var growth = Int.max
    for _ in 1...6 where growth > bound {
      let peer = try await makePeer()
      guard peer.takesStreams else { return }
      let step = try destination(peer, examination)
      let gauge = MemoryGauge()
      let source = PieceSource(then: [UInt8](repeating: 0x41, count: 1 << 16), count: size >> 16, gauge: gauge)
      let (_, error) = await send(Secret.message(.stream(source.stream())), step, examination)
      if let error {
        examination.expect(Failure(error).kind == .invalid, .streamSent, "a large stream: \(FailureText.of(error))")
      } else {
        let arrived = try await peer.arrivals().map(\.size)
        examination.expect(arrived == [size], .streamSent, "of \(size) bytes the peer has \(arrived)")
      }
      growth = gauge.growth
    }
    examination.expect(growth <= bound, .streamBounded, "\(growth) bytes more of memory, expected at most \(bound)")
  }
}
