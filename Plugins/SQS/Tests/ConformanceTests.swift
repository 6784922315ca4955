import Omnibus
import OmnibusTesting
import Synchronization
import Testing

@testable import SQSPlugin

@Suite("sqs, conformance")
struct ConformanceTests {
  @Test("as a source", arguments: ["orders", "orders.fifo"]) func source(queue: String) async {
    await Conformance.source("sqs", of: .sqs) { clock in try Sender(queue, clock) }
  }

  @Test("as a destination", arguments: ["orders", "orders.fifo"]) func destination(queue: String) async {
    await Conformance.destination("sqs", of: .sqs) { try Receiver(queue) }
  }

  @Test("every component has its suite") func coverage() { Conformance.coverage(of: [.sqs]) }
}

/// Puts messages into the queue of the source under test, and sees there what becomes of them.
private struct Sender: SourcePeer {
  let server: TestSQS
  let queue: String

  init(_ queue: String, _ clock: ManualClock) throws {
    self.queue = queue
    server = try TestSQS(clock: clock)
  }

  // What failed is hidden for much longer than what is worked on.
  var options: Configuration {
    server.options(queue, [("concurrency", 4), ("backoff", ["initial": "6h", "max": "12h"])])
  }
  var unusableOptions: Configuration? {
    ["queue": "orders", "region": "eu-central-1", "profile": "no such profile", "endpoint": "\(server.url)"]
  }
  let headers: Headers = ["x-own": "kept"]
  var mostUnderWay: Int? { 4 }
  var comesAgain: Bool { true }

  func send(_ body: [UInt8]) async throws -> SentMessage {
    let (text, attribute) = SQSText.encode(body)
    var attributes = headers
    if let attribute { attributes.append(attribute.name, attribute.value) }
    let id = server.put(text, attributes: attributes, group: queue.hasSuffix(".fifo") ? "\(body.hashValue)" : nil)
    return .watched { [server] in
      server.state.withLock { state in
        if state.deleted.contains(id) { return .acknowledged }
        return state.given[id].map { $0 > 3600 } == true ? .refused : .pending
      }
    }
  }
}

/// A queue that the destination under test sends to.
private struct Receiver: DestinationPeer {
  private let server: TestSQS
  private let queue: String

  init(_ queue: String) throws {
    self.queue = queue
    server = try TestSQS()
  }

  var options: Configuration { server.options(queue, [("timeout", "6s"), ("batch_bytes", "4MiB")]) }
  var timesOut: Bool { true }
  var takesStreams: Bool { false }

  func arrivals() async throws -> [Arrival] {
    server.state.withLock { $0.sent }.map { entry in
      Arrival(SQSText.decode(entry.body, entry.attributes) ?? [], key: entry.deduplication)
    }
  }

  func become(_ state: PeerState) async throws -> Bool {
    try server.become(state)
    return true
  }
}
