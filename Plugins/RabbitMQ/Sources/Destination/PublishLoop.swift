internal import CRabbitMQ
internal import Logging
internal import Omnibus
internal import OmnibusReactor

/// What the thread of a destination does: it keeps a connection, sends whatever waits, and takes what the broker says of it.
/// Of one thread.
final class PublishLoop {
  private static let pauses: ClosedRange<Int32> = 50...2000

  private let settings: PublishSettings
  private let desk: PublishDesk
  private let condition: BrokerCondition
  private let logger: Logger
  private let exchange: amqp_bytes_t
  private let exchangeName: [UInt8]
  private var window = PublishWindow()
  private var frames = PublishFrames(channel: AMQPConnection.channel)
  /// What waits for a reply, by correlation id.
  private var requests: [String: Publication] = [:]
  private var assembler: ContentAssembler
  private var isBlocked = false
  /// When requests are looked through next, in the clock's nanoseconds: there may be many.
  private var nextLook: UInt64 = 0

  init(_ settings: PublishSettings, _ desk: PublishDesk, _ condition: BrokerCondition, _ logger: Logger) {
    self.settings = settings
    self.desk = desk
    self.condition = condition
    self.logger = logger
    assembler = ContentAssembler(limit: settings.maxReply ?? 0)
    exchangeName = Array(settings.exchange.utf8)
    var name = settings.exchange
    exchange = name.withUTF8 { amqp_bytes_malloc_dup(omnibus_amqp_bytes($0.baseAddress, $0.count)) }
  }

  deinit { amqp_bytes_free(exchange) }

  func run() {
    var pause = Self.pauses.lowerBound
    repeat {
      do throws(Failure) {
        let connection = try open()
        become(.ready)
        pause = Self.pauses.lowerBound
        let failure = serve(connection)
        desk.note(socket: -1, isBlocked: false)
        guard let failure else { return connection.close() }
        // A refusal was of a message; whether it is one of all that follow shows when it connects again.
        if failure.isTransient { become(.broken(failure)) }
        giveUp(failure)
      } catch {
        become(.broken(error))
        desk.fail(error)
        pause = min(pause * 2, Self.pauses.upperBound)
      }
    } while desk.pause(milliseconds: pause)
  }

  /// Says how the connection is, to operators once for each change.
  private func become(_ now: ConnectionCondition) {
    let metadata: Logger.Metadata = ["vhost": "\(settings.broker.vhost)"]
    switch (condition.become(now), now) {
    case (.broken, .ready): logger.notice("the broker can be reached again", metadata: metadata)
    case (.blocked, .ready): logger.notice("the broker takes messages again", metadata: metadata)
    case (.broken, .broken): break
    case (_, .broken(let failure)):
      logger.warning(
        "the broker cannot be reached, or refuses what it is asked for",
        metadata: metadata.merging(
          ["failure": "\(failure.kind.rawValue)", "reason": "\(failure.reason)"]) { own, _ in own })
    case (_, .blocked): logger.warning("the broker takes no messages for now", metadata: metadata)
    case (.ready, .ready): break
    }
  }

  private func open() throws(Failure) -> AMQPConnection {
    let connection = try AMQPConnection.open(settings.broker)
    try connection.make(settings.topology)
    if !settings.exchange.isEmpty { try connection.check(exchange: settings.exchange) }
    if settings.maxReply != nil { try connection.consume("amq.rabbitmq.reply-to", prefetch: 0, settles: false) }
    try connection.selectConfirms()
    window = PublishWindow()
    requests = [:]
    assembler = ContentAssembler(limit: settings.maxReply ?? 0)
    isBlocked = false
    return connection
  }

  /// Publishes until the connection breaks, and says why it did; nil where all is to end.
  private func serve(_ connection: AMQPConnection) -> Failure? {
    desk.note(socket: connection.descriptor, isBlocked: false)
    while true {
      let work = desk.take(room: room, unconfirmed: unconfirmed)
      if work.isEnding { return nil }
      if !work.batch.isEmpty {
        let isSent = send(work.batch, connection)
        desk.noteWritten()
        guard isSent else {
          return Failure(.unavailable, "the connection to the broker broke while a message was sent")
        }
      }
      if let failure = receive(connection) { return failure }
      expire()
      desk.sleep(
        room: room, unconfirmed: unconfirmed, socket: connection.descriptor, milliseconds: connection.quietTime)
    }
  }

  private var room: Int { isBlocked ? 0 : settings.window - window.count - requests.count }
  private var unconfirmed: Int { window.count + requests.count }

  /// Sends messages that somebody still waits for; answers whether the connection took them. What it did not take at all
  /// waits for the next one.
  private func send(_ batch: ArraySlice<Publication>, _ connection: AMQPConnection) -> Bool {
    frames.frameMax = connection.frameMax
    let wanted = batch.filter { !$0.hasEnded && fits($0) }
    let begun = connection.isSecure ? sendEach(wanted, connection) : sendAtOnce(wanted, connection)
    for publication in wanted[..<begun.count] {
      window.append(publication)
      if settings.maxReply != nil { requests[publication.name] = publication }
    }
    if !begun.isWhole { desk.giveBack(wanted[begun.count...]) }
    return begun.isWhole
  }

  /// Ends a message whose properties are larger than a frame of this broker, which would end the connection for it.
  private func fits(_ publication: Publication) -> Bool {
    if frames.fits(publication, exchange: exchangeName) { return true }
    publication.end(.failure(Failure(.invalid, "the headers are larger than the broker takes them")))
    return false
  }

  /// Sends messages; answers of how many it has sent at least a part, and whether it has sent all.
  private func sendAtOnce(
    _ messages: [Publication], _ connection: AMQPConnection
  ) -> (count: Int, isWhole: Bool) {
    defer { frames.removeAll() }
    for message in messages { frames.append(message, exchange: exchangeName, isMandatory: settings.isMandatory) }
    let count = connection.send(frames.bytes)
    return (frames.begins.prefix { $0 < count }.count, count == frames.bytes.count)
  }

  /// The same by the library, which has the keys of TLS, and sends each frame by itself.
  private func sendEach(_ messages: [Publication], _ connection: AMQPConnection) -> (count: Int, isWhole: Bool) {
    connection.cork(true)
    defer { connection.cork(false) }
    for (place, message) in messages.enumerated() {
      let isSent = message.head.withUnsafeBytes { head in
        message.body.withUnsafeBytes { body in
          connection.publish(
            exchange: exchange, key: UnsafeRawBufferPointer(rebasing: head[..<message.keyLength]),
            isMandatory: settings.isMandatory,
            properties: UnsafeRawBufferPointer(rebasing: head[message.keyLength...]), body: body)
        }
      }
      if !isSent { return (place + 1, false) }
    }
    return (messages.count, true)
  }

  /// Takes all that the broker has sent; answers why the connection cannot go on.
  private func receive(_ connection: AMQPConnection) -> Failure? {
    while true {
      let frame = connection.next()
      switch frame.kind {
      case OMNIBUS_AMQP_NOTHING:
        connection.releaseBuffers()
        return nil
      case OMNIBUS_AMQP_BROKEN: return AMQPProblem.lost(Int32(truncatingIfNeeded: frame.number), "a message")
      case OMNIBUS_AMQP_ACK: window.take(frame.number, multiple: frame.flag != 0) { confirmed($0) }
      case OMNIBUS_AMQP_NACK:
        window.take(frame.number, multiple: frame.flag != 0) { publication in
          requests[publication.name] = nil
          publication.end(.failure(Failure(.unavailable, "the broker could not keep the message")))
        }
      case OMNIBUS_AMQP_BLOCKED, OMNIBUS_AMQP_UNBLOCKED:
        isBlocked = frame.kind == OMNIBUS_AMQP_BLOCKED
        desk.note(socket: connection.descriptor, isBlocked: isBlocked)
        become(isBlocked ? .blocked(Self.blocked) : .ready)
      case OMNIBUS_AMQP_CANCEL: return Failure(.unavailable, "the broker takes no replies any more")
      case OMNIBUS_AMQP_CHANNEL_CLOSE, OMNIBUS_AMQP_CONNECTION_CLOSE:
        return closed(Int32(truncatingIfNeeded: frame.number))
      default:
        if let content = assembler.take(frame) { take(content) }
        if frame.kind == OMNIBUS_AMQP_BODY { connection.releaseBuffers() }
      }
    }
  }

  private static var blocked: Failure {
    Failure(.unavailable, "the broker takes no messages for now, as it is short of memory or disk")
  }

  private func confirmed(_ publication: Publication) {
    if settings.maxReply == nil { publication.end(.success(nil)) }
  }

  /// Takes a reply, or a message that comes back.
  private func take(_ content: Content) {
    let properties = ReceivedProperties(content.properties)
    guard content.isReturned else {
      guard let name = properties?.correlationID, let request = requests.removeValue(forKey: name) else { return }
      guard content.size <= UInt64(settings.maxReply ?? 0) else {
        let limit = settings.maxReply ?? 0
        return request.end(.failure(Failure(.invalid, "the reply is larger than \(limit) bytes")))
      }
      return request.end(.success(content))
    }
    let name = settings.maxReply == nil ? properties?.messageID : properties?.correlationID
    let alike = window.unconfirmed.lazy.filter { publication in
      publication.name == name && !publication.hasEnded
        && publication.head.prefix(publication.keyLength).elementsEqual(content.routingKey.utf8)
    }
    // What it is routed by are key and properties: of messages alike in both it does not matter which one is told.
    let same = alike.first { $0.head[$0.keyLength...].elementsEqual(content.properties) }
    guard let returned = same ?? alike.first else { return }
    requests[returned.name] = nil
    returned.end(
      .failure(Failure(.rejected, "no queue takes the message: exchange and routing key lead to none")))
  }

  /// What it means that the broker closed the channel or the connection. Of several messages nobody knows which one it
  /// did not like; what it said may hold something of it.
  private func closed(_ code: Int32) -> Failure {
    let kind = AMQPProblem.kind(code)
    let isForAll = code == AMQP_NOT_FOUND || code == AMQP_ACCESS_REFUSED || unconfirmed <= 1
    return Failure(isForAll ? kind : .unavailable, "the broker refused a message with \(code)")
  }

  /// Ends what was sent and not confirmed when the connection broke.
  private func giveUp(_ failure: Failure) {
    let end: Failure =
      failure.isTransient
      ? Failure(.outcomeUnknown, "\(failure.reason), before the broker had confirmed the message", cause: failure)
      : failure
    for publication in window.unconfirmed { publication.end(.failure(end)) }
    for request in requests.values { request.end(.failure(end)) }
    window = PublishWindow()
    requests = [:]
  }

  /// Ends what was sent and waits for too long. All wait as long, so the oldest come first.
  private func expire() {
    let now = desk.now
    for publication in window.unconfirmed {
      guard publication.deadline <= now else { break }
      publication.end(.failure(late("confirm the message")))
    }
    guard !requests.isEmpty, now >= nextLook else { return }
    nextLook = now &+ settings.timeout.nanosecondsClamped / 20
    for (name, request) in requests where request.deadline <= now || request.hasEnded {
      request.end(.failure(late("hand over a reply")))
      requests[name] = nil
    }
  }

  private func late(_ what: String) -> Failure {
    Failure(.outcomeUnknown, "the broker did not \(what) within \(settings.timeout.text)")
  }
}
