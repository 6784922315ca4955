internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Runs orders on threads of their own: small ones on a few, and each that reads a stream on one that it keeps to its end.
struct Worker: Sendable {
  /// What an order came to.
  struct Outcome: Sendable {
    var report = ProviderReport()
    /// What was made.
    var made: Hold.Content
    /// What was read, where that was to be copied.
    var copied: Hold.Content?
  }

  /// How much is held where, until it may be seen.
  struct Holding: Sendable {
    var memoryLimit = Int.max
    var folder = "/var/tmp"

    var hold: Hold { Hold(memoryLimit: memoryLimit, folder: folder) }
  }

  /// How many streams may be worked on at once. More are refused, not kept waiting: two steps of one route hold a thread
  /// each, and would wait for each other.
  private static let mostStreams = 64
  private static let messages = BlockingExecutor(name: "openpgp", threads: max(2, Processors.usable))
  private static let streams = BlockingExecutor(name: "openpgp-stream", threads: mostStreams)
  private static let underWay = Atomic<Int>(0)

  /// How many streams are worked on.
  static var streamsUnderWay: Int { underWay.load(ordering: .relaxed) }

  let ring: KeyRing

  /// Checks that the keys of an order can be used.
  func check(_ order: Order, _ keys: KeyMaterial, _ context: Context) async throws(Failure) {
    let (provider, time) = (ring.provider, context.time)
    do {
      try await Self.messages.run { try provider.check(order, with: keys, at: time) }
    } catch { throw Failure(error) }
  }

  /// Works on bytes.
  func run(
    _ order: Order, on bytes: [UInt8], _ keys: KeyMaterial, _ context: Context, within bounds: Pump.Bounds = .init(),
    holding: Holding = Holding()
  ) async throws(Failure) -> Outcome {
    let (provider, time) = (ring.provider, context.time)
    do {
      return try await Self.messages.run {
        let pump = Pump(.bytes(bytes), to: .hold(holding.hold), within: bounds)
        let report = try provider.perform(order, with: keys, at: time, through: pump)
        return Outcome(report: report, made: pump.held ?? .bytes([]))
      }
    } catch { throw Failure(error) }
  }

  /// Works on a stream to its end; nobody sees anything before. The stream must be claimed.
  func run(
    _ order: Order, on stream: BodyStream, _ keys: KeyMaterial, _ context: Context,
    within bounds: Pump.Bounds = .init(), holding: Holding, isCopied: Bool = false
  ) async throws(Failure) -> Outcome {
    try Self.begin()
    let (provider, time, transfer) = (ring.provider, context.time, Transfer())
    let work = Self.streams.start { () throws(Failure) -> Outcome in
      defer { Self.end() }
      let pump = Pump(
        .transfer(transfer), to: .hold(holding.hold), within: bounds, copying: isCopied ? holding.hold : nil)
      let result = Result { () throws(Failure) -> ProviderReport in
        try provider.perform(order, with: keys, at: time, through: pump)
      }
      transfer.end(result)
      return Outcome(report: try result.get(), made: pump.held ?? .bytes([]), copied: pump.copied)
    }
    do {
      while case .wantsInput = await transfer.turn() { try await transfer.feed(from: stream) }
    } catch {
      transfer.abandon()
      _ = try? await work.value()
      throw Failure(error)
    }
    do { return try await work.value() } catch { throw Failure(error) }
  }

  /// What an order makes of a stream, while it is read. The stream must be claimed.
  func stream(
    _ order: Order, on stream: BodyStream, _ keys: KeyMaterial, _ context: Context
  ) throws(Failure) -> BodyStream {
    let streamed = StreamedOrder { [provider = ring.provider, time = context.time] transfer throws(Failure) in
      try Self.begin()
      _ = Self.streams.start {
        defer { Self.end() }
        let pump = Pump(.transfer(transfer), to: .transfer(transfer))
        transfer.end(
          Result { () throws(Failure) -> ProviderReport in
            try provider.perform(order, with: keys, at: time, through: pump)
          })
      }
    }
    return BodyStream { try await streamed.next(of: stream) }
  }

  private static func begin() throws(Failure) {
    guard underWay.add(1, ordering: .relaxed).newValue <= mostStreams else {
      end()
      throw Failure(.overloaded, "\(mostStreams) streams are being encrypted or decrypted already")
    }
  }

  private static func end() { underWay.subtract(1, ordering: .relaxed) }
}

/// An order that begins with the first piece that is asked for, and is given up with whoever could ask for more.
private final class StreamedOrder: Sendable {
  private let transfer = Transfer()
  private let hasBegun = Atomic<Bool>(false)
  private let begin: @Sendable (Transfer) throws(Failure) -> Void

  init(_ begin: @escaping @Sendable (Transfer) throws(Failure) -> Void) { self.begin = begin }

  deinit { transfer.abandon() }

  func next(of stream: BodyStream) async throws -> [UInt8]? {
    if !hasBegun.exchange(true, ordering: .relaxed) { try begin(transfer) }
    while true {
      switch await transfer.turn() {
      case .output(let piece): return piece
      case .ended(.success): return nil
      case .ended(.failure(let failure)): throw failure
      case .wantsInput:
        do { try await transfer.feed(from: stream) } catch {
          transfer.abandon()
          throw error
        }
      }
    }
  }
}

extension Transfer {
  /// Hands on the next piece of a stream, or that there is none.
  fileprivate func feed(from stream: BodyStream) async throws {
    if let piece = try await stream.next() { give(piece) } else { endInput() }
  }
}
