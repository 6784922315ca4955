import Foundation
import FoundationNetworking
import Omnibus
import OmnibusTesting
import Testing

@testable import omnibus

@Suite("what the program tells of itself")
struct TelemetryTests {
  private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
  private static let hasPromtool = FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool")

  let folder = TemporaryDirectory()

  /// The program with two routes: `/in` calls `/out`, which logs what it sees of the trace, and fails for `bad`.
  private func start(collector: UInt16? = nil) async throws -> (program: RunningProgram, routes: UInt16, told: UInt16) {
    let (routes, told) = (try FreePort.find(), try FreePort.find())
    let traces = collector.map {
      "\n  traces: { endpoint: \"http://127.0.0.1:\($0)/v1/traces\", sample: 0%, service_name: test }"
    }
    folder.write("omnibus.yaml", "telemetry:\n  listen: \"127.0.0.1:\(told)\"\(traces ?? "")\n")
    folder.write(
      "Routes/a.yaml",
      """
      routes:
        - id: first
          from: { rest: { listen: "127.0.0.1:\(routes)", method: POST, path: /in } }
          steps:
            - parse_json: {}
            - split: { each: body.parts, steps: [ { log: { message: a part } } ] }
            - to: { direct: { name: inner } }
            - to: { rest: { url: "http://127.0.0.1:\(routes)", method: POST, path: /out } }
              id: deliver
        - id: inner
          from: { direct: { name: inner } }
          steps: [ { log: { message: within } } ]
        - id: second
          from: { rest: { listen: "127.0.0.1:\(routes)", method: POST, path: /out } }
          steps:
            - log: { message: "saw ${ headers.traceparent }" }
            - filter: body.name != "bad"
            - set: { body: { done: true } }
        - id: failing
          from: { rest: { listen: "127.0.0.1:\(routes)", method: POST, path: /fail } }
          steps: [ { validate: { rules: [ { that: body.name == "good", message: not good } ] } } ]
      """)
    let program = try RunningProgram(
      Project.program, ["run", "\(folder.path)/Routes", "--log-format", "json", "--log-level", "info"])
    try #require(try await eventually { program.output.contains("\"message\":\"ready\"") }, "\(program.output)")
    return (program, routes, told)
  }

  private func send(_ url: String, _ body: String, traceparent: String? = nil) async throws -> Int {
    var request = URLRequest(url: try #require(URL(string: url)))
    request.httpMethod = "POST"
    request.httpBody = Data(body.utf8)
    request.setValue("application/json", forHTTPHeaderField: "content-type")
    if let traceparent { request.setValue(traceparent, forHTTPHeaderField: "traceparent") }
    let (_, response) = try await URLSession.shared.data(for: request)
    return try #require(response as? HTTPURLResponse).statusCode
  }

  private func get(_ url: String) async throws -> (status: Int, text: String) {
    let (body, response) = try await URLSession.shared.data(from: try #require(URL(string: url)))
    return (try #require(response as? HTTPURLResponse).statusCode, String(decoding: body, as: UTF8.self))
  }

  @Test(
    "a route is to its sender what OpenTelemetry calls it",
    arguments: [
      ("rest", ["listen": "127.0.0.1:8080", "path": "/a"], Span.Origin.Kind.server),
      ("queue", ["name": "a"], .consumer),
      ("timer", ["every": "1s"], .internal), ("file", ["directory": "/tmp/a"], .internal),
      ("direct", ["name": "a"], .internal),
    ] as [(String, Configuration, Span.Origin.Kind)])
  func kinds(_ name: String, _ options: Configuration, _ kind: Span.Origin.Kind) throws {
    let loader = ComponentLoader(builtInPlugins, context: .testing(store: MemoryStore()))
    guard case .source(let source) = try loader.make(.source, name, options) else {
      Issue.record("no source")
      return
    }
    #expect(source.spanKind == kind)
  }

  @Test("metrics are what Prometheus takes, and each family stands in the documentation", .enabled(if: hasPromtool))
  func metrics() async throws {
    let (program, routes, told) = try await start(collector: try FreePort.find())
    #expect(try await send("http://127.0.0.1:\(routes)/in", #"{"name": "x", "parts": [1, 2]}"#) == 200)
    #expect(try await send("http://127.0.0.1:\(routes)/fail", #"{"name": "bad"}"#) == 400)
    let answer = try await get("http://127.0.0.1:\(told)/metrics")
    #expect(answer.status == 200)
    let check = try RunningProgram("/usr/bin/promtool", ["check", "metrics"])
    try check.write(Array(answer.text.utf8))
    check.closeInput()
    let code = try await check.end()
    #expect(code == 0, "\(check.output)")
    #expect(check.output.isEmpty, "\(check.output)")

    #expect(answer.text.contains(#"omnibus_route_messages_total{route="first",outcome="completed"} 1"# + "\n"))
    #expect(answer.text.contains(#"omnibus_route_failures_total{route="failing",kind="invalid"} 1"# + "\n"))
    #expect(answer.text.contains(#"connector="rest",outcome="success"} 1"# + "\n"))
    for secret in ["bad", "/in", "/out"] { #expect(!answer.text.contains("\"\(secret)\"")) }

    let page = try String(contentsOf: Project.file("docs/observability.md"), encoding: .utf8)
    let served = answer.text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
    for line in served {
      let words = line.split(separator: " ")
      #expect(page.contains("| `\(words[2])` | \(words[3]) |"), "\(words[2]) (\(words[3])) is not documented")
    }
    program.signal(SIGTERM)
    #expect(try await program.end() == 0)
  }

  @Test("the documentation has each family that anything in the sources asks for")
  func documented() throws {
    let page = try String(contentsOf: Project.file("docs/observability.md"), encoding: .utf8)
    let units = /"((?:omnibus|process)_[a-z_]+(?:_total|_seconds|_bytes|_state|_info|_depth|_entries))"/
    var names: Set<Substring> = []
    for folder in ["Sources", "Plugins"] {
      let files = FileManager.default.enumerator(atPath: Project.file(folder).path)
      while let path = files?.nextObject() as? String {
        guard path.hasSuffix(".swift"), !path.contains("Tests/") else { continue }
        let text = try String(contentsOf: Project.file("\(folder)/\(path)"), encoding: .utf8)
        names.formUnion(text.matches(of: units).map(\.output.1))
      }
    }
    #expect(names.count > 30)
    for name in names.sorted() { #expect(page.contains("| `\(name)` |"), "\(name) is not documented") }
  }

  @Test("a trace goes in by a header and out by one, and log lines name it; what is malformed begins none")
  func traces() async throws {
    let collector = try FreePort.find()
    let (program, routes, _) = try await start(collector: collector)
    #expect(
      try await send("http://127.0.0.1:\(routes)/in", #"{"name": "secret", "parts": [1]}"#, traceparent: Self.parent)
        == 200)
    let trace = "0af7651916cd43dd8448eb211c80319c"
    let lines = try #require(
      try await lines(of: program, until: { lines in lines.contains { $0["route"] as? String == "second" } }))
    let logged = lines.filter { $0["trace_id"] as? String == trace }
    #expect(Set(logged.compactMap { $0["route"] as? String }) == ["first", "inner", "second"])
    #expect(logged.allSatisfy { $0["span_id"] != nil && $0["message_id"] != nil && $0["step"] != nil })
    let seen = try #require(logged.first { $0["route"] as? String == "second" }?["message"] as? String)
    #expect(seen.hasPrefix("saw 00-\(trace)-") && seen.hasSuffix("-01"))
    #expect(!seen.contains("b7ad6b7169203331"))

    #expect(
      try await send("http://127.0.0.1:\(routes)/out", #"{"name": "y"}"#, traceparent: Self.parent.uppercased()) == 200)
    #expect(!program.output.contains("secret"))
    program.signal(SIGTERM)
    #expect(try await program.end() == 0)
  }

  @Test("health says that it lives and is ready")
  func health() async throws {
    let (program, _, told) = try await start()
    let live = try await get("http://127.0.0.1:\(told)/health/live")
    #expect(live.status == 200 && live.text == #"{"status":"live","problems":[]}"#)
    let ready = try await get("http://127.0.0.1:\(told)/health/ready")
    #expect(ready.status == 200 && ready.text == #"{"status":"ready","problems":[]}"#)
    #expect(try await get("http://127.0.0.1:\(told)/routes").status == 404)
    program.signal(SIGTERM)
    #expect(try await program.end() == 0)
  }

  private func lines(
    of program: RunningProgram, until isEnough: ([[String: Any]]) -> Bool
  ) async throws -> [[String: Any]]? {
    var lines: [[String: Any]] = []
    let isThere = try await eventually {
      lines = program.output.split(separator: "\n").compactMap {
        (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
      }
      return isEnough(lines)
    }
    return isThere ? lines : nil
  }
}
