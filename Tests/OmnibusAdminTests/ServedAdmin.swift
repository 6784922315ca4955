import Omnibus
import OmnibusHTTP
import OmnibusReactor
import OmnibusStore
import OmnibusTesting
import Synchronization

@testable import OmnibusAdmin
@testable import OmnibusEngine

/// The admin API on a port of its own, in front of operations that only note what was asked of them.
final class ServedAdmin: Sendable {
  let server: AdminServer
  let store: MemoryStore
  let log = LogRecorder()
  let metrics = Metrics()
  /// What was asked of the operations, in order.
  let calls: Recorder<String>
  private let client: HTTPClient

  /// What becomes of the replay of a letter.
  enum Replayed {
    case delivered
    case failed(Failure)
    case refused(Failure)
  }

  /// The names and the tokens of `options.tokens` that `tokens` made.
  static let roles: [(name: String, role: AdminRole?, rights: [AdminRight])] = [
    ("viewer", .viewer, []), ("operator", .operator, []), ("admin", .admin, []), ("body", nil, [.viewBody]),
    ("replayer", .viewer, [.replay]),
  ]

  /// A token for each of `roles`.
  static let tokens: [String: AdminToken] = Dictionary(uniqueKeysWithValues: roles.map { ($0.name, AdminToken()) })

  /// Options with all of `roles`.
  static func options(_ listen: String = "127.0.0.1:0", anonymous: AnonymousAdmin? = nil) -> AdminOptions {
    let options = AdminOptions()
    options.listen = listen
    options.anonymous = anonymous
    options.tokens = roles.map { role in
      let token = AdminTokenOptions()
      token.name = role.name
      token.hash = tokens[role.name]?.hash ?? TokenHash([])
      token.role = role.role
      token.rights = role.rights
      return token
    }
    return options
  }

  init(
    _ options: AdminOptions = ServedAdmin.options(), directory: String = "/", pages: [AdminPage] = [],
    clock: (any EngineClock)? = nil,
    isReady: Bool = true, isStoreOpen: Bool = true,
    replayed: @escaping @Sendable (String) async throws -> Replayed = { _ in .delivered }
  ) async throws {
    let context = Context.testing(log: log)
    let (calls, store) = (Recorder<String>(), MemoryStore())
    (self.calls, self.store) = (calls, store)
    let environment = EngineEnvironment(
      reactors: context.reactors, blocking: context.blocking, clock: clock, logger: context.logger,
      metrics: metrics)
    let access =
      isStoreOpen ? StoreAccess(store) : StoreAccess(isWanted: true) { throw Failure(.unavailable, "the disk is gone") }
    let letters = DeadLetters(access, environment, Replays()) { message, _, _ in
      let replay = message.delivery?.replay
      let id = replay?.letter ?? ""
      calls.append("replay \(id)")
      let outcome = try await replayed(id)
      if case .refused(let failure) = outcome { throw failure }
      replay?.begin(on: "def")
      if case .failed(let failure) = outcome { throw failure }
      return .next
    }
    var operations = Self.operations(calls, access, letters)
    operations.isReady = { isReady }
    server = try await AdminServer.start(
      options, directory: directory, operations: operations, pages: pages, environment: environment)
    client = HTTPClient(reactors: context.reactors)
  }

  private static func operations(
    _ calls: Recorder<String>, _ access: StoreAccess, _ letters: DeadLetters
  ) -> AdminOperations {
    let level = Mutex(EngineLogOptions.Level.info)
    let box = Box(level)
    var applied = Applied(generation: 7)
    applied.added = ["a"]
    let result = applied
    return AdminOperations(
      version: "0.0.0", isReady: { true },
      routes: {
        [
          RouteStatus(
            id: "orders", description: "Orders.", source: "POST 127.0.0.1:1/orders", revision: "abc", state: .started,
            pausedBy: [], underWay: 3, notReady: nil),
          RouteStatus(
            id: "a b/ü", description: nil, source: "timer", revision: "def", state: .paused, pausedBy: ["operator"],
            underWay: 0, notReady: nil),
        ]
      }, control: { action, route, grace in calls.append("\(action.rawValue) \(route) \(grace.text)") },
      reload: {
        calls.append("reload")
        return result
      },
      plan: { files in
        calls.append("plan \(files.map { $0.map(\.path).joined(separator: " ") } ?? "own")")
        guard files?.first?.bytes.isEmpty != true else {
          throw Diagnostics([
            Diagnostic("unknown-step", at: Location(file: "a.yaml", line: 3, column: 4), "there is no step \"too\"")
          ])
        }
        return result
      },
      rollback: { number in
        calls.append("rollback \(number.map(String.init) ?? "before")")
        if number == 99 { throw Failure(.rejected, "generation 99 is not kept") }
        return result
      },
      generations: {
        [StoredGeneration(number: 1, applied: 1_700_000_000.25, reason: "start", routes: ["a"], files: [])]
      }, breakers: { [("hospital", BreakerStatus(state: .halfOpen, calls: 4, failures: 2, slow: 1, refused: 9))] },
      force: { name, state in calls.append("force \(name) \(state?.rawValue ?? "auto")") },
      store: { try access.present }, deadLetters: { letters },
      configuration: { [EffectiveSetting("log.level", "info", at: nil, resolved: "info")] },
      logLevel: { box.value.withLock { $0 } }, setLogLevel: { new in box.value.withLock { $0 = new } },
      grace: { .seconds(30) })
  }

  var url: String { "http://127.0.0.1:\(server.port)" }

  /// Sends a request of the holder of a token, or of somebody who has none.
  func send(
    _ method: String, _ path: String, as name: String? = "admin", _ body: String? = nil, headers: Headers = Headers(),
    url: String? = nil, tls: TLSClientConfiguration = .init()
  ) async throws -> HTTPClientResponse {
    var headers = headers
    if let name { headers.append("authorization", "Bearer \(Self.tokens[name]?.text ?? name)") }
    if method == "POST", !headers.contains("content-type") { headers.append("content-type", "application/json") }
    return try await client.send(
      HTTPClientRequest(
        method: method, url: (url ?? self.url) + path, headers: headers,
        content: body.map { .bytes(Array($0.utf8)) } ?? .empty, tls: tls))
  }

  /// The JSON that is answered.
  func json(_ method: String, _ path: String, as name: String? = "admin", _ body: String? = nil) async throws -> Value {
    let response = try await send(method, path, as: name, body)
    guard case .bytes(let bytes) = response.body else { return .null }
    return try JSONDocument(parsing: bytes).root
  }

  /// Keeps a dead letter.
  @discardableResult
  func keep(_ number: Int, route: String = "orders", kind: Failure.Kind = .unavailable, time: Double = 1_700_000_000)
    async throws -> String
  {
    let message = Message(
      headers: ["content-type": "text/html", "x-secret": "s3cret"], body: .bytes(Array("<b>patient \(number)</b>".utf8))
    )
    let attempt = DeadLetter.Attempt(
      time: time, revision: "abc", step: "deliver", component: "rest", kind: kind, reason: "the hospital is down",
      tries: 5)
    let id = "letter-\(String(number + 100_000).dropFirst())"
    try await store.keep(
      DeadLetter(id: id, route: route, message: message, size: 16, received: time, attempts: [attempt]))
    return id
  }

  private final class Box<Value: ~Copyable & Sendable>: Sendable {
    let value: Value
    init(_ value: consuming Value) { self.value = value }
  }
}
