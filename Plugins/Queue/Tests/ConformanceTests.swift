import Omnibus
import OmnibusStore
import OmnibusTesting
import QueuePlugin
import Testing

@Suite("queue, conformance")
struct ConformanceTests {
  @Test("as a source") func source() async {
    await Conformance.source("queue", of: .queue) { clock in Appender(clock: clock) }
  }

  @Test("as a destination") func destination() async {
    await Conformance.destination("queue", of: .queue) { QueuePeer() }
  }

  @Test("every component has its suite") func coverage() { Conformance.coverage(of: [.queue]) }
}

/// Appends to the queue of the source under test, and sees in the store what becomes of it.
private struct Appender: SourcePeer {
  let store: MemoryStore
  let services: Services
  let options: Configuration = ["name": "orders", "concurrency": 4, "attempts": 1]
  let headers: Headers = ["x-own": "kept"]

  init(clock: ManualClock) {
    store = MemoryStore(clock: clock)
    var services = Services()
    services[StoreAccess.self] = StoreAccess(store)
    self.services = services
  }

  var mostUnderWay: Int? { 4 }
  var comesAgain: Bool { true }

  func send(_ body: [UInt8]) async throws -> SentMessage {
    let message = Message(headers: headers, body: .bytes(body))
    try await store.append(QueueEntry(message), to: "orders")
    return .watched { [store, id = message.id] in
      if store.messages(in: "orders").contains(where: { $0.id == id }) { return .pending }
      let letters = try? await store.deadLetters(.init(), after: nil, limit: 10_000)
      return letters?.contains { $0.message.id == id } == true ? .refused : .acknowledged
    }
  }
}

/// A queue that the destination under test appends to.
private final class QueuePeer: DestinationPeer {
  let options: Configuration = ["name": "orders"]
  let services: Services
  private let memory = MemoryStore()
  private let store: FlakyStore
  private let came = Recorder<Arrival>()

  init() {
    store = FlakyStore(memory)
    var services = Services()
    services[StoreAccess.self] = StoreAccess(store)
    self.services = services
  }

  var takesStreams: Bool { false }

  func arrivals() async throws -> [Arrival] {
    for lease in try await memory.lease(from: "orders", atMost: 1000, for: .seconds(1_000_000)) {
      came.append(try await Arrival(reading: lease.message.body, key: "\(lease.message.id)"))
    }
    return came.all
  }

  func become(_ state: PeerState) async throws -> Bool {
    switch state {
    case .well: store.become(.succeed)
    case .away: store.become(.fail(.unavailable))
    case .refusing: store.become(.fail(.invalid))
    case .hanging: store.become(.hang)
    case .breaking: store.become(.loseAnswer)
    case .overloaded, .nonsense: return false
    }
    return true
  }
}
