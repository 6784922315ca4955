import Omnibus
import OmnibusHTTP
import OmnibusReactor
import OmnibusTesting
import Synchronization

@testable import SQSPlugin

/// A queue of SQS within the tests, whose time is that of a clock that they move. It behaves well, or as badly as it is told
/// to.
final class FakeSQS: Sendable {
  struct Entry: Sendable {
    var id: String
    var body: String
    var attributes: Headers
    var group: String?
    var deduplication: String?
    var delay: Int
    var receipt = ""
    var receives = 0
    var visibleAt: UInt64 = 0
  }

  /// What was asked, in its order.
  struct Call: Sendable {
    var action: String
    var parameters: JSONNode
    var accessKey: String
  }

  struct State {
    var peer = PeerState.well
    var entries: [Entry] = []
    var sent: [Entry] = []
    var deleted: Set<String> = []
    var given: [String: Int] = [:]
    var next = 0
    var listener: HTTPListener?
    var answers: [String: @Sendable (JSONNode) -> HTTPResponse?] = [:]
    var isThere = true
  }

  let calls = Recorder<Call>()
  let state = Mutex(State())
  private let clock: any EngineClock
  private let port = ReservedPort()
  private let visibility: Int

  init(clock: any EngineClock = SystemClock(reactors: Context.testing().reactors), visibility: Int = 30) throws {
    self.clock = clock
    self.visibility = visibility
    try listen()
  }

  deinit {
    if let listener = state.withLock({ $0.listener }) { Task { await listener.close() } }
  }

  var url: String { "http://\(port.address)" }

  /// Options of a source or a destination for it.
  func options(_ queue: String = "orders", _ more: [(String, Configuration)] = []) -> Configuration {
    Configuration(
      entries: [
        ("queue", Configuration(stringLiteral: queue)), ("region", "eu-central-1"),
        ("endpoint", Configuration(stringLiteral: url)), ("access_key", "AKTEST"), ("secret_key", "${env:HOME}"),
      ] + more)
  }

  /// Puts a message into the queue.
  @discardableResult
  func put(_ body: String, attributes: Headers = Headers(), group: String? = nil) -> String {
    state.withLock { state in
      state.next += 1
      let id = "message-\(state.next)"
      state.entries.append(Entry(id: id, body: body, attributes: attributes, group: group, delay: 0))
      return id
    }
  }

  /// Answers an action by `answer`, as long as that gives something.
  func answer(_ action: String, _ answer: (@Sendable (JSONNode) -> HTTPResponse?)?) {
    state.withLock { $0.answers[action] = answer }
  }

  func become(_ peer: PeerState) async throws {
    let listener = state.withLock { state in
      state.peer = peer
      return state.listener
    }
    if peer == .away {
      state.withLock { $0.listener = nil }
      await listener?.close()
    } else if listener == nil {
      try listen()
    }
  }

  private func listen() throws {
    guard let address = SocketAddress(port.address) else { throw Failure(.internal, "expected an address") }
    let listener = try HTTPListener.open(address, reactors: Context.testing().reactors)
    let path = try PathPattern("/{rest...}")
    _ = listener.add(
      HTTPEndpoint(method: "POST", path: path, maxBody: 64 << 20) { [weak self] request in
        guard let self else { return HTTPResponse(status: 503) }
        return await self.serve(request)
      })
    state.withLock { $0.listener = listener }
  }

  private func serve(_ request: HTTPRequest) async -> HTTPResponse {
    guard case .bytes(let bytes) = request.body, let root = try? JSONText.parse(bytes).root,
      let action = request.headers["x-amz-target"]?.split(separator: ".").last.map(String.init)
    else { return Self.error(400, "InvalidAction") }
    calls.append(Call(action: action, parameters: root, accessKey: request.headers["authorization"] ?? ""))
    switch state.withLock({ $0.peer }) {
    case .well, .away: break
    case .refusing: return Self.error(403, "AccessDeniedException")
    case .overloaded: return Self.error(503, "SlowDown")
    case .nonsense: return Self.text(200, "<html>")
    case .hanging:
      _ = try? await eventually(within: .seconds(20)) { self.state.withLock { $0.peer } != .hanging }
      return HTTPResponse(status: 503)
    case .breaking:
      let count = Atomic(0)
      return HTTPResponse(
        status: 200,
        body: .stream(
          BodyStream {
            guard count.add(1, ordering: .relaxed).newValue == 1 else { throw Failure(.unavailable, "broken") }
            return Array("{\"Succ".utf8)
          }))
    }
    if let answer = state.withLock({ $0.answers[action] }), let response = answer(root) { return response }
    guard state.withLock({ $0.isThere }) || action == "CreateQueue" else {
      return Self.error(400, "com.amazonaws.sqs#QueueDoesNotExist")
    }
    return await act(action, root)
  }

  private func act(_ action: String, _ root: JSONNode) async -> HTTPResponse {
    switch action {
    case "GetQueueUrl", "CreateQueue":
      state.withLock { $0.isThere = true }
      return Self.json([("QueueUrl", .string("\(url)/123456789012/\(root.member("QueueName")?.string ?? "")"))])
    case "GetQueueAttributes":
      let attributes = ValueMap([("VisibilityTimeout", .string("\(visibility)")), ("QueueArn", "arn:aws:sqs:x:1:q")])
      return Self.json([("Attributes", .map(attributes))])
    case "ReceiveMessage": return await receive(root)
    case "DeleteMessageBatch":
      return batch(root) { state, entry, _ in
        let id = state.entries[entry].id
        state.deleted.insert(id)
        state.entries.remove(at: entry)
      }
    case "ChangeMessageVisibilityBatch":
      let now = clock.now
      return batch(root) { state, entry, node in
        let seconds = node.member("VisibilityTimeout").flatMap { Value.json($0).int } ?? 0
        state.entries[entry].visibleAt = now &+ UInt64(seconds) * 1_000_000_000
        state.given[state.entries[entry].id] = seconds
      }
    case "SendMessageBatch":
      var sent: [Value] = []
      root.member("Entries")?.forEachElement { node in
        let entry = Self.entry(node)
        state.withLock { $0.sent.append(entry) }
        sent.append(.map(ValueMap([("Id", .string(node.member("Id")?.string ?? "")), ("MessageId", "m")])))
      }
      return Self.json([("Successful", .list(sent))])
    default: return Self.error(400, "InvalidAction")
    }
  }

  private func receive(_ root: JSONNode) async -> HTTPResponse {
    let count = root.member("MaxNumberOfMessages").flatMap { Value.json($0).int } ?? 1
    let wait = root.member("WaitTimeSeconds").flatMap { Value.json($0).int } ?? 0
    var found: [Entry] = []
    _ = try? await eventually(within: .milliseconds(wait * 250)) {
      found = take(count)
      return !found.isEmpty
    }
    return Self.json([("Messages", .list(found.map(Self.message)))])
  }

  private func take(_ count: Int) -> [Entry] {
    let now = clock.now
    let end = now &+ UInt64(visibility) * 1_000_000_000
    return state.withLock { state in
      let locked = Set(state.entries.filter { $0.visibleAt > now }.compactMap(\.group))
      var found: [Entry] = []
      for place in state.entries.indices where found.count < count && state.entries[place].visibleAt <= now {
        if let group = state.entries[place].group, locked.contains(group) { continue }
        state.next += 1
        state.entries[place].receipt = "receipt-\(state.next)"
        state.entries[place].receives += 1
        state.entries[place].visibleAt = end
        found.append(state.entries[place])
      }
      return found
    }
  }

  private func batch(_ root: JSONNode, _ change: (inout State, Int, JSONNode) -> Void) -> HTTPResponse {
    var (successful, failed): ([Value], [Value]) = ([], [])
    root.member("Entries")?.forEachElement { node in
      let id = Value.string(node.member("Id")?.string ?? "")
      let receipt = node.member("ReceiptHandle")?.string
      let isThere = state.withLock { state in
        guard let place = state.entries.firstIndex(where: { $0.receipt == receipt }) else { return false }
        change(&state, place, node)
        return true
      }
      if isThere {
        successful.append(.map(ValueMap([("Id", id)])))
      } else {
        failed.append(
          .map(
            ValueMap([("Id", id), ("SenderFault", .bool(true)), ("Code", "ReceiptHandleIsInvalid"), ("Message", "")])))
      }
    }
    return Self.json([("Successful", .list(successful)), ("Failed", .list(failed))])
  }

  private static func message(_ entry: Entry) -> Value {
    var attributes = ValueMap([
      ("ApproximateReceiveCount", .string("\(entry.receives)")), ("SentTimestamp", "1700000000000"),
    ])
    if let group = entry.group { attributes["MessageGroupId"] = .string(group) }
    let own = entry.attributes.map {
      ($0.name, Value.map(ValueMap([("DataType", "String"), ("StringValue", .string($0.value))])))
    }
    return .map(
      ValueMap([
        ("MessageId", .string(entry.id)), ("ReceiptHandle", .string(entry.receipt)), ("Body", .string(entry.body)),
        ("Attributes", .map(attributes)), ("MessageAttributes", .map(ValueMap(own))),
      ]))
  }

  private static func entry(_ node: JSONNode) -> Entry {
    var attributes = Headers()
    node.member("MessageAttributes")?.forEachMember { name, value in
      attributes.append(name, value.member("StringValue")?.string ?? "")
    }
    return Entry(
      id: "", body: node.member("MessageBody")?.string ?? "", attributes: attributes,
      group: node.member("MessageGroupId")?.string, deduplication: node.member("MessageDeduplicationId")?.string,
      delay: node.member("DelaySeconds").flatMap { Value.json($0).int } ?? 0)
  }

  static func json(_ members: [(String, Value)]) -> HTTPResponse {
    let bytes = try? Value.map(ValueMap(members)).jsonBytes()
    return HTTPResponse(status: 200, headers: ["content-type": "application/x-amz-json-1.0"], body: .bytes(bytes ?? []))
  }

  static func text(_ status: Int, _ text: String) -> HTTPResponse {
    HTTPResponse(status: status, body: .bytes(Array(text.utf8)))
  }

  static func error(_ status: Int, _ code: String) -> HTTPResponse {
    text(status, #"{"__type":"\#(code)","message":"TopSecret"}"#)
  }
}
