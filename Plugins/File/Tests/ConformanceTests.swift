import FilePlugin
import Omnibus
import OmnibusTesting
import Synchronization
import Testing

@Suite("file, conformance")
struct ConformanceTests {
  @Test("as a source") func source() async {
    await Conformance.source("file", of: .file) { _ in InboundPeer() }
  }

  @Test("as a source that works on several files at once and streams them") func parallelSource() async {
    await Conformance.source("file", of: .file) { _ in InboundPeer(maxInFlight: 4, streamAbove: "64KiB") }
  }

  @Test("as a destination, in every mode", arguments: ["create", "replace", "append"])
  func destination(mode: String) async {
    await Conformance.destination("file", of: .file) { OutboundPeer(mode: mode) }
  }
}

/// A folder that files are put into. What becomes of one shows by the folder that it is in.
private final class InboundPeer: SourcePeer {
  let folder = TemporaryDirectory()
  let maxInFlight: Int
  let streamAbove: Configuration
  private let files = Atomic<Int>(0)

  init(maxInFlight: Int = 1, streamAbove: Configuration = "16MiB") {
    self.maxInFlight = maxInFlight
    self.streamAbove = streamAbove
  }

  var options: Configuration { options(folder.path) }
  var unusableOptions: Configuration? { options("\(folder.path)/missing") }
  var mostUnderWay: Int? { maxInFlight }
  var comesAgain: Bool { true }
  var headers: Headers { ["content-type": "application/json"] }

  private func options(_ path: String) -> Configuration {
    [
      "directory": Configuration(stringLiteral: path), "poll": "100ms", "settle": "0s", "pattern": "*.json",
      "max_in_flight": Configuration(integerLiteral: maxInFlight), "stream_above": streamAbove,
    ]
  }

  func send(_ body: [UInt8]) async throws -> SentMessage { put { [folder] in folder.write($0, body) } }

  func send(streamOf count: Int) async throws -> SentMessage? {
    guard maxInFlight > 1 else { return nil }
    return put { [folder] in folder.makeHole($0, count) }
  }

  /// A file that is written under another name comes whole.
  private func put(_ write: (String) -> Void) -> SentMessage {
    let name = "\(files.wrappingAdd(1, ordering: .relaxed).newValue).json"
    write("\(name).part")
    folder.rename("\(name).part", name)
    return .watched { [folder] in
      if folder.size("done/\(name)") != nil { return .acknowledged }
      return folder.size("failed/\(name)") != nil ? .refused : .pending
    }
  }
}

/// A folder that files are written into.
private final class OutboundPeer: DestinationPeer {
  let folder = TemporaryDirectory()
  let mode: String

  init(mode: String) { self.mode = mode }

  var options: Configuration {
    [
      "directory": Configuration(stringLiteral: "\(folder.path)/out"), "mode": Configuration(stringLiteral: mode),
      "name": "${ message.id }.json",
    ]
  }

  var takesRepeats: Bool { mode != "create" }
  var takesStreams: Bool { mode != "append" }

  func arrivals() async throws -> [Arrival] {
    let folder = self.folder
    return folder.names("out").filter { $0.hasSuffix(".json") }.map { name in
      let size = folder.size("out/\(name)") ?? 0
      return size > 4 << 20 ? Arrival(size: size) : Arrival(folder.read("out/\(name)") ?? [])
    }
  }

  /// A folder that is away is a file of its name.
  func become(_ state: PeerState) async throws -> Bool {
    switch state {
    case .well: folder.remove("out")
    case .away: folder.write("out", "")
    case .refusing, .overloaded, .hanging, .nonsense, .breaking: return false
    }
    return true
  }
}
