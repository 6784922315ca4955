import Omnibus

@testable import OmnibusTesting

/// A test as the sender of a memory source.
struct MemorySender: SourcePeer {
  let memory: MemorySystem
  let options: Configuration = ["name": "in"]
  var headers: Headers { ["x-own": "kept"] }

  func send(_ body: [UInt8]) async throws -> SentMessage {
    .answered { [memory, headers] in
      do {
        _ = try await memory.send(Message(headers: headers, body: .bytes(body)), to: "in")
        return .acknowledged
      } catch {
        return .refused
      }
    }
  }
}

/// The other side of a memory destination.
struct MemoryReceiver: DestinationPeer {
  let memory: MemorySystem
  let options: Configuration
  private let name = "\(MessageID())"

  init(_ memory: MemorySystem) {
    self.memory = memory
    options = ["name": "\(name)"]
  }

  func arrivals() async throws -> [Arrival] { memory.destination(name).taken.all }

  func become(_ state: PeerState) async throws -> Bool {
    let destination = memory.destination(name)
    switch state {
    case .well: destination.become(then: .succeed)
    case .refusing: destination.become(then: .fail(.rejected))
    case .overloaded: destination.become(then: .fail(.overloaded))
    case .away: destination.become(then: .fail(.unavailable))
    case .hanging: destination.become(then: .hang)
    case .nonsense, .breaking: return false
    }
    return true
  }
}
