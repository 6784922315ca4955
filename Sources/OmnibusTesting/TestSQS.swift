package import Omnibus
internal import OmnibusReactor
package import Synchronization

/// A queue of SQS within the tests, by its JSON protocol, whose time is that of a clock that they move. It behaves well, or as
/// badly as it is told to. Signatures are not looked at; all names are of the same queue.
package final class TestSQS: Sendable {
  package struct Entry: Sendable {
    package var id = ""
    package var body: String
    package var attributes = Headers()
    package var group: String?
    package var deduplication: String?
    package var delay = 0
    /// What is answered as the MD5 of the body; nil for nothing.
    package var digest: String?
    package var receives = 0
    package var visibleAt: UInt64 = 0
    var receipt = ""
    var receivedAt: UInt64 = 0
  }

  /// What was asked.
  package struct Call: Sendable {
    package let action: String
    package let parameters: JSONNode
    package let authorization: String
  }

  /// What is answered.
  package enum Answer: Sendable {
    case json([(String, Value)])
    case text(Int, String)
    case error(Int, String)
    /// More and more, until the client has enough of it.
    case endless
    /// Less than was said.
    case cut
  }

  package struct State {
    package var peer = PeerState.well
    package var entries: [Entry] = []
    package var sent: [Entry] = []
    package var deleted: Set<String> = []
    /// For how long messages were hidden last, in seconds.
    package var given: [String: Int] = [:]
    package var isThere = true
    package var visibility: Int
    var next = 0
    var answers: [String: @Sendable (JSONNode) -> Answer?] = [:]
  }

  package let calls = Recorder<Call>()
  package let state: Mutex<State>
  private let server = TestHTTPServer()
  private let clock: any EngineClock

  package init(clock: any EngineClock = SystemClock(reactors: Context.testing().reactors), visibility: Int = 30) throws
  {
    self.clock = clock
    state = Mutex(State(visibility: visibility))
    try start()
  }

  package var url: String { server.url }

  /// Options of a source or a destination for it.
  package func options(_ queue: String = "orders", _ more: [(String, Configuration)] = []) -> Configuration {
    Configuration(
      entries: [
        ("queue", Configuration(stringLiteral: queue)), ("region", "eu-central-1"),
        ("endpoint", Configuration(stringLiteral: url)), ("access_key", "AKTEST"), ("secret_key", "${env:HOME}"),
      ] + more)
  }

  /// The calls of an action.
  package func calls(_ action: String) -> [Call] { calls.all.filter { $0.action == action } }

  /// The messages that were deleted.
  package var deleted: Set<String> { state.withLock { $0.deleted } }

  /// Puts a message into the queue.
  @discardableResult
  package func put(
    _ body: String, attributes: Headers = Headers(), group: String? = nil, digest: String? = nil
  ) -> String {
    state.withLock { state in
      state.next += 1
      let id = "message-\(state.next)"
      state.entries.append(Entry(id: id, body: body, attributes: attributes, group: group, digest: digest))
      return id
    }
  }

  /// Answers an action by `answer`, as long as that gives something.
  package func answer(_ action: String, _ answer: (@Sendable (JSONNode) -> Answer?)?) {
    state.withLock { $0.answers[action] = answer }
  }

  /// Lets time pass from one beat of the sources to the next, as soon as so many of them wait for theirs: none passes while
  /// they keep messages hidden. False where they do not come to wait.
  package func pass(_ duration: Duration, _ clock: ManualClock, beats: Int = 1) async throws -> Bool {
    let end = clock.now &+ duration.nanosecondsClamped
    return try await eventually {
      if clock.now < end, clock.timers >= beats, let next = clock.next { clock.advance(by: next) }
      return clock.now >= end
    }
  }

  package func become(_ peer: PeerState) throws {
    state.withLock { $0.peer = peer }
    if peer == .away { server.stop() } else { try start() }
  }

  private func start() throws {
    try server.start { [weak self] connection in
      while let request = connection.request(), let content = connection.content(of: request), let self {
        guard self.serve(request, content.bytes, connection) else { return }
      }
    }
  }

  /// Whether the connection goes on.
  private func serve(_ request: TestHTTPConnection.Request, _ body: [UInt8], _ connection: TestHTTPConnection) -> Bool {
    guard let root = try? JSONText.parse(body).root,
      let action = request.headers["x-amz-target"]?.split(separator: ".").last.map(String.init)
    else { return write(.error(400, "InvalidAction"), connection) }
    calls.append(Call(action: action, parameters: root, authorization: request.headers["authorization"] ?? ""))
    switch state.withLock({ $0.peer }) {
    case .well: break
    case .away: return false
    case .refusing: return write(.error(403, "AccessDeniedException"), connection)
    case .overloaded: return write(.error(503, "SlowDown"), connection)
    case .nonsense: return write(.text(200, "<html>"), connection)
    case .hanging:
      connection.drain()
      return false
    case .breaking: return write(.cut, connection)
    }
    let told = state.withLock { $0.answers[action] }
    if let answer = told?(root) { return write(answer, connection) }
    guard state.withLock({ $0.isThere }) || action == "CreateQueue" else {
      return write(.error(400, "com.amazonaws.sqs#QueueDoesNotExist"), connection)
    }
    return write(act(action, root, connection), connection)
  }

  private func write(_ answer: Answer, _ connection: TestHTTPConnection) -> Bool {
    switch answer {
    case .json(let members):
      let bytes = try? Value.map(ValueMap(members)).jsonBytes()
      connection.answer(200, ["content-type": "application/x-amz-json-1.0"], bytes ?? [])
    case .text(let status, let text): connection.answer(status, Headers(), Array(text.utf8))
    case .error(let status, let code):
      connection.answer(status, Headers(), Array(#"{"__type":"\#(code)","message":"TopSecret"}"#.utf8))
    case .endless:
      connection.write("HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n")
      while connection.write([UInt8](repeating: 0x5B, count: 1 << 20)) {}
      return false
    case .cut:
      connection.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"Succ")
      return false
    }
    return true
  }

  private func act(_ action: String, _ root: JSONNode, _ connection: TestHTTPConnection) -> Answer {
    switch action {
    case "GetQueueUrl", "CreateQueue":
      state.withLock { $0.isThere = true }
      return .json([("QueueUrl", .string("\(url)/123456789012/\(root.member("QueueName")?.string ?? "")"))])
    case "GetQueueAttributes":
      let visibility = state.withLock { $0.visibility }
      let attributes = ValueMap([("VisibilityTimeout", .string("\(visibility)")), ("QueueArn", "arn:aws:sqs:x:1:q")])
      return .json([("Attributes", .map(attributes))])
    case "ReceiveMessage": return receive(root, connection)
    case "DeleteMessageBatch": return delete(root)
    case "ChangeMessageVisibilityBatch": return hide(root)
    case "SendMessageBatch":
      var sent: [Value] = []
      root.member("Entries")?.forEachElement { node in
        let entry = Self.entry(node)
        state.withLock { $0.sent.append(entry) }
        sent.append(.map(ValueMap([("Id", .string(node.member("Id")?.string ?? "")), ("MessageId", "m")])))
      }
      return .json([("Successful", .list(sent))])
    default: return .error(400, "InvalidAction")
    }
  }

  /// Waits for messages a quarter of a second where a second was asked for, or until the client has gone.
  private func receive(_ root: JSONNode, _ connection: TestHTTPConnection) -> Answer {
    let count = root.member("MaxNumberOfMessages").flatMap { Value.json($0).int } ?? 1
    let wait = root.member("WaitTimeSeconds").flatMap { Value.json($0).int } ?? 0
    let hidden = root.member("VisibilityTimeout").flatMap { Value.json($0).int }
    let deadline = ContinuousClock.now + .milliseconds(wait * 250)
    var found = take(count, hidden)
    while found.isEmpty, ContinuousClock.now < deadline {
      if connection.closes(within: 5) { break }
      found = take(count, hidden)
    }
    return .json([("Messages", .list(found.map(Self.message)))])
  }

  private func take(_ count: Int, _ hidden: Int?) -> [Entry] {
    let now = clock.now
    return state.withLock { state in
      let end = now &+ UInt64(hidden ?? state.visibility) * 1_000_000_000
      let locked = Set(state.entries.filter { $0.visibleAt > now }.compactMap(\.group))
      var found: [Entry] = []
      for place in state.entries.indices where found.count < count && state.entries[place].visibleAt <= now {
        if let group = state.entries[place].group, locked.contains(group) { continue }
        state.next += 1
        state.entries[place].receipt = "receipt-\(state.next)"
        state.entries[place].receives += 1
        state.entries[place].receivedAt = now
        state.entries[place].visibleAt = end
        found.append(state.entries[place])
      }
      return found
    }
  }

  private func delete(_ root: JSONNode) -> Answer {
    batch(root) { state, place, _ in
      state.deleted.insert(state.entries[place].id)
      state.entries.remove(at: place)
      return nil
    }
  }

  private func hide(_ root: JSONNode) -> Answer {
    let now = clock.now
    return batch(root) { state, place, node in
      let seconds = node.member("VisibilityTimeout").flatMap { Value.json($0).int } ?? 0
      let end = now &+ UInt64(seconds) * 1_000_000_000
      // Amazon SQS Developer Guide: 12 hours from when it was received.
      guard end <= state.entries[place].receivedAt &+ 43_200_000_000_000 else { return "InvalidParameterValue" }
      state.entries[place].visibleAt = end
      state.given[state.entries[place].id] = seconds
      return nil
    }
  }

  /// Does something with each entry, which answers the code of an error.
  private func batch(_ root: JSONNode, _ change: (inout State, Int, JSONNode) -> String?) -> Answer {
    var (successful, failed): ([Value], [Value]) = ([], [])
    root.member("Entries")?.forEachElement { node in
      let id = Value.string(node.member("Id")?.string ?? "")
      let receipt = node.member("ReceiptHandle")?.string
      let code = state.withLock { state in
        guard let place = state.entries.firstIndex(where: { $0.receipt == receipt }) else {
          return String?("ReceiptHandleIsInvalid")
        }
        return change(&state, place, node)
      }
      if let code {
        failed.append(
          .map(ValueMap([("Id", id), ("SenderFault", .bool(true)), ("Code", .string(code)), ("Message", "")])))
      } else {
        successful.append(.map(ValueMap([("Id", id)])))
      }
    }
    return .json([("Successful", .list(successful)), ("Failed", .list(failed))])
  }

  private static func message(_ entry: Entry) -> Value {
    var attributes = ValueMap([
      ("ApproximateReceiveCount", .string("\(entry.receives)")), ("SentTimestamp", "1700000000000"),
    ])
    if let group = entry.group { attributes["MessageGroupId"] = .string(group) }
    let own = entry.attributes.map {
      ($0.name, Value.map(ValueMap([("DataType", "String"), ("StringValue", .string($0.value))])))
    }
    var message = ValueMap([
      ("MessageId", .string(entry.id)), ("ReceiptHandle", .string(entry.receipt)), ("Body", .string(entry.body)),
      ("Attributes", .map(attributes)), ("MessageAttributes", .map(ValueMap(own))),
    ])
    if let digest = entry.digest { message["MD5OfBody"] = .string(digest) }
    return .map(message)
  }

  private static func entry(_ node: JSONNode) -> Entry {
    var attributes = Headers()
    node.member("MessageAttributes")?.forEachMember { name, value in
      attributes.append(name, value.member("StringValue")?.string ?? "")
    }
    return Entry(
      body: node.member("MessageBody")?.string ?? "", attributes: attributes,
      group: node.member("MessageGroupId")?.string, deduplication: node.member("MessageDeduplicationId")?.string,
      delay: node.member("DelaySeconds").flatMap { Value.json($0).int } ?? 0)
  }
}
