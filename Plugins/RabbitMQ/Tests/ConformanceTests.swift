import Omnibus
import OmnibusTesting
import Testing

@testable import RabbitMQPlugin

@Suite(
  "rabbitmq, conformance", .enabled("skipped: rabbitmq-server is not installed") { TestBroker.isInstalled },
  .timeLimit(.minutes(10)))
struct ConformanceTests {
  @Test("as a source") func source() async {
    await Conformance.source("rabbitmq", of: .rabbitMQ) { _ in try await QueueFeeder() }
  }

  @Test("as a destination") func destination() async {
    await Conformance.destination("rabbitmq", of: .rabbitMQ) { try await QueuePeer() }
  }

  @Test("as a destination that asks") func request() async {
    await Conformance.destination("rabbitmq_request", of: .rabbitMQ) { try await EchoPeer() }
  }
}

@Suite("rabbitmq, conformance without a broker")
struct CoverageTests {
  @Test("every component has its suite") func coverage() { Conformance.coverage(of: [.rabbitMQ]) }
}

/// Puts messages into the queue of the source under test, and sees on the wire what becomes of them.
private struct QueueFeeder: SourcePeer {
  let queue: TestQueue
  let proxy: FaultProxy

  init() async throws {
    let server = try await TestBroker.server
    queue = try await TestQueue(server).make()
    proxy = try FaultProxy(to: server.port)
  }

  var options: Configuration {
    [
      "url": "amqp://127.0.0.1:\(proxy.port)", "login": TestQueue.login, "queue": "\(queue.name)", "concurrency": 4,
      "attempts": 1, "max_body": "2MiB",
    ]
  }
  var unusableOptions: Configuration? {
    ["url": "amqp://127.0.0.1:\(proxy.port)", "login": TestQueue.login, "queue": "none-\(queue.name)"]
  }
  var headers: Headers { ["x-own": "kept"] }
  var mostUnderWay: Int? { 4 }
  var comesAgain: Bool { true }
  var largestBody: Int? { 2 << 20 }

  func send(_ body: [UInt8]) async throws -> SentMessage {
    var properties = MessageProperties()
    properties.headers = [("x-own", .string("kept"))]
    try await queue.put([body], properties)
    return .watched { [proxy] in
      switch proxy.outcome(of: body) {
      case nil, .open, .requeued: .pending
      case .acknowledged: .acknowledged
      case .rejected: .refused
      }
    }
  }
}

/// A queue that the destination under test publishes to, behind a proxy that troubles it.
private final class QueuePeer: DestinationPeer {
  let queue: TestQueue
  private let proxy: FaultProxy
  private let came = Recorder<Arrival>()
  private let isFull = Recorder<Bool>()

  init() async throws {
    let server = try await TestBroker.server
    queue = try await TestQueue(server).make(.classic)
    proxy = try FaultProxy(to: server.port)
  }

  var options: Configuration {
    [
      "url": "amqp://127.0.0.1:\(proxy.port)", "login": TestQueue.login, "routing_key": "\(queue.name)",
      "connect_timeout": "3s",
    ]
  }
  var takesStreams: Bool { false }
  var timesOut: Bool { true }

  func arrivals() async throws -> [Arrival] {
    for found in try await queue.take() {
      came.append(Arrival(found.content.body, key: found.properties.messageID))
    }
    return came.all
  }

  /// Removes the queue, and keeps what was in it.
  private func remove() async throws {
    _ = try await arrivals()
    try await queue.delete()
  }

  func become(_ state: PeerState) async throws -> Bool {
    switch state {
    case .well:
      proxy.become(.pass)
      if isFull.all.last == true { try await queue.delete() }
      isFull.append(false)
      _ = try await queue.make(.classic)
    case .away: proxy.become(.refuse)
    case .refusing: try await remove()
    case .overloaded:
      try await remove()
      _ = try await queue.make(.classic, limit: 0)
      isFull.append(true)
    case .hanging: proxy.become(.mute)
    case .nonsense: proxy.become(.nonsense)
    case .breaking: proxy.become(.cutAfterPublish)
    }
    return true
  }
}

/// A queue whose messages are answered with what they hold.
private final class EchoPeer: DestinationPeer {
  let queue: TestQueue
  private let proxy: FaultProxy
  private let came = Recorder<Arrival>()
  private let run: SourceRun

  init() async throws {
    let server = try await TestBroker.server
    queue = try await TestQueue(server).make()
    proxy = try FaultProxy(to: server.port)
    run = try await SourceRun(queue, [("concurrency", 8)]) { [came] message in
      came.append(try await Arrival(reading: message.body, key: message.headers["message-id"]))
    }
  }

  deinit { run.stop.signal() }

  var options: Configuration {
    [
      "url": "amqp://127.0.0.1:\(proxy.port)", "login": TestQueue.login, "routing_key": "\(queue.name)",
      "connect_timeout": "3s",
    ]
  }
  var takesStreams: Bool { false }
  var timesOut: Bool { true }
  var echoes: Bool { true }

  func arrivals() async throws -> [Arrival] { came.all }

  func become(_ state: PeerState) async throws -> Bool {
    switch state {
    case .well: proxy.become(.pass)
    case .away: proxy.become(.refuse)
    case .hanging: proxy.become(.mute)
    case .nonsense: proxy.become(.nonsense)
    case .breaking: proxy.become(.cutAfterPublish)
    case .refusing, .overloaded: return false
    }
    return true
  }
}
