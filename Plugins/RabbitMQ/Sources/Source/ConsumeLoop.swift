internal import CRabbitMQ
internal import Omnibus
internal import OmnibusReactor

/// What the thread of a source does: it takes what the broker hands out, and tells the broker what became of it. Of one
/// thread.
final class ConsumeLoop {
  /// How a source is told of its connection.
  enum Event: Sendable {
    case consuming
    case broken(Failure)
  }

  private static let pauses: ClosedRange<Int32> = 100...5000
  /// How many deliveries are taken before what is settled is told.
  private static let batch = 256

  private let options: RabbitMQSourceOptions
  private let broker: Broker
  private let desk: ConsumeDesk
  private let report: @Sendable (Event) -> Void
  private var settled = Settled()
  private var connectionNumber = 0
  private var assembler: ContentAssembler

  init(
    _ options: RabbitMQSourceOptions, _ broker: Broker, _ desk: ConsumeDesk,
    _ report: @escaping @Sendable (Event) -> Void
  ) {
    self.options = options
    self.broker = broker
    self.desk = desk
    self.report = report
    assembler = ContentAssembler(limit: options.maxBody.bytes)
  }

  func run() {
    var pause = Self.pauses.lowerBound
    while true {
      do throws(Failure) {
        defer { desk.endConnection() }
        guard let connection = try open() else { return }
        report(.consuming)
        pause = Self.pauses.lowerBound
        guard let failure = serve(connection) else { return }
        report(.broken(failure))
      } catch {
        report(.broken(error))
      }
      guard desk.pause(milliseconds: pause) else { return }
      pause = min(pause * 2, Self.pauses.upperBound)
    }
  }

  /// A connection that messages come over; nil where the source ends.
  private func open() throws(Failure) -> AMQPConnection? {
    let connection = try AMQPConnection.open(broker)
    try connection.make(options.server.declare)
    guard let number = desk.beginConnection() else { return nil }
    connectionNumber = number
    settled = Settled()
    assembler = ContentAssembler(limit: options.maxBody.bytes)
    try connection.consume(options.queue, prefetch: UInt16(options.handedOut), settles: true)
    return connection
  }

  /// Takes and tells until the connection breaks, and says why it did; nil where the source ends.
  private func serve(_ connection: AMQPConnection) -> Failure? {
    var hasLingered = false
    var isCancelled = false
    while true {
      if let work = desk.takeSettled(mayLinger: !hasLingered) {
        hasLingered = false
        guard tell(work.settled, connection) else { return Self.lostWhileTelling }
        if work.isStopping, !isCancelled {
          isCancelled = true
          guard (try? connection.cancelConsumer()) != nil, giveBack(desk.takeBack(), connection) else {
            return Self.lostWhileTelling
          }
        }
        if work.isEnding {
          guard tellRest(connection) else { return Self.lostWhileTelling }
          connection.close()
          return nil
        }
      } else {
        desk.linger(socket: connection.descriptor)
        hasLingered = true
      }
      var deliveries: [Inbound] = []
      if let failure = receive(connection, &deliveries) { return failure }
      if isCancelled {
        guard giveBack(deliveries, connection) else { return Self.lostWhileTelling }
      } else if !deliveries.isEmpty {
        desk.add(deliveries)
      }
      guard !hasLingered, deliveries.count < Self.batch else { continue }
      let wait = settled.isBehind ? 5 : connection.quietTime
      desk.sleep(socket: connection.descriptor, milliseconds: wait)
    }
  }

  /// Takes what the broker has sent, up to a batch; answers why the connection cannot go on.
  private func receive(_ connection: AMQPConnection, _ deliveries: inout [Inbound]) -> Failure? {
    while deliveries.count < Self.batch {
      let frame = connection.next()
      switch frame.kind {
      case OMNIBUS_AMQP_NOTHING:
        connection.releaseBuffers()
        return nil
      case OMNIBUS_AMQP_BROKEN:
        let status = Int32(truncatingIfNeeded: frame.number)
        if AMQPProblem.isUnreadable(status) { refuseUnreadable(connection) }
        return AMQPProblem.lost(status, "a message")
      case OMNIBUS_AMQP_CANCEL:
        return Failure(.unavailable, "the broker ended the consumer, as it does when a queue is deleted")
      case OMNIBUS_AMQP_CHANNEL_CLOSE, OMNIBUS_AMQP_CONNECTION_CLOSE:
        return AMQPProblem.refused(Int32(truncatingIfNeeded: frame.number), frame.one.plainText, "the consumer")
      default:
        let content = assembler.take(frame)
        // What is put together is a copy, and the library keeps each frame of a large body until it is told.
        if content != nil || frame.kind == OMNIBUS_AMQP_BODY { connection.releaseBuffers() }
        guard let content else { continue }
        let tag = Inbound.Tag(connection: connectionNumber, number: content.number)
        deliveries.append(Inbound(tag: tag, content: content))
      }
    }
    return nil
  }

  /// Rejects the delivery that the library could not read: it would come again, and break each connection.
  private func refuseUnreadable(_ connection: AMQPConnection) {
    guard let number = assembler.underWay else { return }
    if connection.refuse(number, requeue: false) { connection.finishWriting() }
  }

  /// Puts deliveries back into the queue that nobody has begun to work on.
  private func giveBack(_ deliveries: [Inbound], _ connection: AMQPConnection) -> Bool {
    deliveries.allSatisfy { delivery in
      settled.noteTold(delivery.tag.number)
      return connection.refuse(delivery.tag.number, requeue: true)
    }
  }

  private func tell(_ verdicts: [(tag: Inbound.Tag, verdict: Verdict)], _ connection: AMQPConnection) -> Bool {
    guard !verdicts.isEmpty || settled.isBehind else { return true }
    let now = MonotonicTime.now
    for (tag, verdict) in verdicts where tag.connection == connectionNumber {
      switch verdict {
      case .acknowledged: settled.noteWorkedOn(tag.number, at: now)
      case .requeued, .rejected:
        settled.noteTold(tag.number)
        guard connection.refuse(tag.number, requeue: verdict == .requeued) else { return false }
      }
    }
    return send(settled.frames(at: now), connection)
  }

  /// Tells all that waits for others before it.
  private func tellRest(_ connection: AMQPConnection) -> Bool {
    send(settled.frames(at: MonotonicTime.now &+ Settled.patience), connection)
  }

  private func send(_ frames: [Settled.Frame], _ connection: AMQPConnection) -> Bool {
    frames.allSatisfy { connection.acknowledge($0.number, multiple: $0.multiple) }
  }

  private static var lostWhileTelling: Failure {
    Failure(.unavailable, "the connection to the broker broke while a message was settled")
  }
}
