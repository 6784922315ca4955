import CRabbitMQ
import Glibc
import Omnibus
import OmnibusReactor
import OmnibusTesting

@testable import RabbitMQPlugin

/// A queue of its own at a broker, and a client for it that uses the plugin's own connection. What is rejected from it goes
/// to a second one.
struct TestQueue: Sendable {
  /// A message that was in the queue.
  struct Found: Sendable {
    let content: Content
    let properties: ReceivedProperties
    var text: String { String(decoding: content.body, as: UTF8.self) }
  }

  let name: String
  let port: Int32

  /// A queue that is not there yet.
  init(_ server: RabbitMQServer, _ name: String = "q-\(MessageID())") {
    self.name = name
    port = Int32(server.port)
  }

  /// Where the messages go that are rejected.
  var dead: TestQueue { TestQueue(name: "\(name).dead", port: port) }

  private init(name: String, port: Int32) {
    self.name = name
    self.port = port
  }

  static let login: Configuration = ["user": "${env:NONE:-guest}", "password": "${env:NONE:-guest}"]

  /// What every component is told of the broker.
  var broker: [(String, Configuration)] {
    [("url", "amqp://127.0.0.1:\(port)"), ("login", Self.login)]
  }

  /// Makes the queue, and that of what it rejects. `limit` is how many messages there is room for; more are refused.
  func make(_ type: QueueOptions.Kind = .quorum, limit: Int? = nil) async throws -> TestQueue {
    try await with { connection in
      let dead = QueueOptions()
      dead.name = self.dead.name
      dead.type = .classic
      let letters = DeadLetterOptions()
      letters.routingKey = self.dead.name
      let queue = QueueOptions()
      queue.name = name
      queue.type = type
      queue.deadLetter = letters
      queue.maxLength = limit
      queue.overflow = limit == nil ? nil : .rejectPublish
      let topology = TopologyOptions()
      topology.queues = [dead, queue]
      try connection.make(topology)
    }
    return self
  }

  /// Puts messages with these bodies into it.
  func put(_ bodies: String..., properties: MessageProperties = MessageProperties()) async throws {
    try await put(bodies.map { Array($0.utf8) }, properties)
  }

  /// Puts messages with these bodies into it, and waits until the broker has them.
  func put(_ bodies: [[UInt8]], _ properties: MessageProperties = MessageProperties()) async throws {
    var properties = properties
    properties.isPersistent = true
    var encoded: [UInt8] = []
    try properties.write(to: &encoded)
    try await with { [encoded] connection in
      try connection.selectConfirms()
      for body in bodies {
        let isSent = encoded.withUnsafeBytes { properties in
          body.withUnsafeBytes { body in
            Array(name.utf8).withUnsafeBytes { key in
              connection.publish(
                exchange: amqp_bytes_t(), key: key, isMandatory: true, properties: properties, body: body)
            }
          }
        }
        guard isSent else { throw Failure(.unavailable, "the broker of the test is gone") }
      }
      var confirmed: UInt64 = 0
      while confirmed < bodies.count {
        guard let frame = connection.wait() else { throw Failure(.timeout, "the broker of the test is silent") }
        if frame.kind == OMNIBUS_AMQP_ACK { confirmed = max(confirmed, frame.number) }
      }
    }
  }

  /// Takes out what is in it: as many messages as are wanted, or all that wait, and what comes until nothing comes for a
  /// while.
  func take(_ count: Int = .max, quiet: Int32 = 300) async throws -> [Found] {
    try await with { connection in
      let expected = count == .max ? Int(try connection.count(queue: name)) : count
      try connection.consume(name, prefetch: 0, settles: false)
      var assembler = ContentAssembler(limit: 64 << 20)
      var found: [Found] = []
      while found.count < count, let frame = connection.wait(found.count < expected ? 60_000 : quiet) {
        guard let content = assembler.take(frame), let properties = ReceivedProperties(content.properties) else {
          connection.releaseBuffers()
          continue
        }
        found.append(Found(content: content, properties: properties))
      }
      return found
    }
  }

  /// Deletes it.
  func delete() async throws {
    try await with { connection in
      var bytes = Array(name.utf8)
      let count = bytes.count
      bytes.withUnsafeMutableBytes { bytes in
        _ = amqp_queue_delete(
          connection.state, AMQPConnection.channel, omnibus_amqp_bytes(bytes.baseAddress, count), 0, 0)
      }
      try connection.check("the deletion of a queue")
    }
  }

  /// How many messages wait in it, those that somebody works on not counted.
  func count() async throws -> Int {
    try await with { Int(try $0.count(queue: name)) }
  }

  /// Does something with a connection, on a thread of its own.
  func with<Result: Sendable>(_ body: @escaping @Sendable (AMQPConnection) throws -> Result) async throws -> Result {
    let broker = Broker(
      addresses: [try BrokerAddress("amqp://127.0.0.1:\(port)")], vhost: "/", user: "guest",
      password: Secret("guest"), tls: TLSClientConfiguration(), heartbeat: 0, connectTimeout: .seconds(60),
      name: "test")
    return try await withUnsafeThrowingContinuation { continuation in
      do {
        try OperatingSystemThread.start(named: "test-client") {
          continuation.resume(
            with: Swift.Result {
              let connection = try AMQPConnection.open(broker)
              defer { connection.close() }
              return try body(connection)
            })
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }
}

extension AMQPConnection {
  /// Waits for a frame; nil where none comes.
  func wait(_ milliseconds: Int32 = 60_000) -> omnibus_amqp_frame? {
    while true {
      let frame = next()
      if frame.kind == OMNIBUS_AMQP_BROKEN { return nil }
      if frame.kind != OMNIBUS_AMQP_NOTHING { return frame }
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, milliseconds) > 0 else { return nil }
    }
  }
}
