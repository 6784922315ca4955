import Foundation
import Logging
import Omnibus
import OmnibusEngine
import OmnibusHTTP
import OmnibusStore
import OmnibusTesting
import Testing

@testable import OmnibusAdmin

@Suite("what the admin API does")
struct AdminOperationsTests {
  private func text(_ value: Value) throws -> String { String(decoding: try value.jsonBytes(), as: UTF8.self) }

  @Test("routes are listed and shown, by names that need escapes too")
  func routes() async throws {
    let admin = try await ServedAdmin()
    #expect(
      try text(try await admin.json("GET", "/admin/v1/routes/orders"))
        == #"{"id":"orders","source":"POST 127.0.0.1:1/orders","revision":"abc","state":"started","paused_by":[],"#
        + #""under_way":3,"ready":true,"description":"Orders."}"#)
    let other = try await admin.json("GET", "/admin/v1/routes/a%20b%2F%C3%BC")
    #expect(other.member("id")?.string == "a b/ü")
    #expect(try await admin.send("GET", "/admin/v1/routes/nope").status == 404)
    #expect(try await admin.send("POST", "/admin/v1/routes/nope/pause").status == 404)
    let status = try await admin.json("GET", "/admin/v1/status")
    #expect(status.member("ready")?.resolved.isTrue == true)
    await admin.server.stop()
  }

  @Test("actions reach the engine, with what they were told, and are logged")
  func actions() async throws {
    let admin = try await ServedAdmin()
    for action in ["start", "pause", "resume", "drain", "stop"] {
      #expect(try await admin.send("POST", "/admin/v1/routes/orders/\(action)").status == 200)
    }
    #expect(try await admin.send("POST", "/admin/v1/routes/orders/drain", #"{"grace":"1500ms"}"#).status == 200)
    #expect(try await admin.send("POST", "/admin/v1/routes/orders/drain", #"{"grace":"2h"}"#).status == 400)
    #expect(try await admin.send("POST", "/admin/v1/routes/orders/pause", #"{"grace":"1s"}"#).status == 400)
    #expect(try await admin.send("POST", "/admin/v1/breakers/hospital/force", #"{"state":"closed"}"#).status == 200)
    #expect(try await admin.send("POST", "/admin/v1/breakers/hospital/force", #"{"state":"auto"}"#).status == 200)
    #expect(try await admin.send("POST", "/admin/v1/breakers/none/force", #"{"state":"auto"}"#).status == 404)
    #expect(try await admin.send("POST", "/admin/v1/rollback").status == 200)
    #expect(try await admin.send("POST", "/admin/v1/rollback", #"{"generation":3}"#).status == 200)
    #expect(try await admin.send("POST", "/admin/v1/rollback", #"{"generation":99}"#).status == 409)
    #expect(try await admin.send("POST", "/admin/v1/reload").status == 200)
    #expect(
      admin.calls.all == [
        "start orders 30s", "pause orders 30s", "resume orders 30s", "drain orders 30s", "stop orders 30s",
        "drain orders 1500ms", "force hospital closed", "force hospital auto", "rollback before", "rollback 3",
        "rollback 99", "reload",
      ])
    let actions = admin.log.lines.all.filter { $0.message == "admin action" }
    #expect(actions.count == 15)
    let stop = try #require(actions.first { $0.fields["action"] == "stop-route" })
    #expect(stop.level == .info)
    #expect(
      stop.fields == [
        "caller": "admin", "action": "stop-route", "target": "orders", "status": "200", "remote": "127.0.0.1",
      ]
    )
    #expect(actions.contains { $0.fields["action"] == "rollback" && $0.fields["outcome"] == "rejected" })
    await admin.server.stop()
  }

  @Test("a plan is of the engine's own files, or of those that are sent, and mistakes come as a list")
  func plan() async throws {
    let admin = try await ServedAdmin()
    let own = try await admin.json("POST", "/admin/v1/plan")
    #expect(try text(own) == #"{"generation":7,"added":["a"],"changed":[],"removed":[],"kept":[]}"#)
    let sent = #"{"files":[{"path":"a/b.yaml","text":"routes: []"},{"path":"c.yaml","text":""}]}"#
    #expect(try await admin.send("POST", "/admin/v1/plan", sent).status == 200)
    for path in ["../a.yaml", "/etc/a.yaml", "a/../../b.yaml", "a.yml", ".hidden.yaml", "a//b.yaml", ""] {
      let body = #"{"files":[{"path":"\#(path)","text":"x"}]}"#
      #expect(try await admin.send("POST", "/admin/v1/plan", body).status == 400, "\(path)")
    }
    let mistaken = try await admin.send("POST", "/admin/v1/plan", #"{"files":[{"path":"a.yaml","text":""}]}"#)
    #expect(mistaken.status == 422)
    guard case .bytes(let bytes) = mistaken.body else { return }
    let problem = String(decoding: bytes, as: UTF8.self)
    #expect(problem.contains(#"{"detail":"there is no step \"too\"","place":"a.yaml:3:4","code":"unknown-step"}"#))
    #expect(admin.calls.all == ["plan own", "plan a/b.yaml c.yaml", "plan a.yaml"])
    // More than other endpoints take, and no more than 16 MiB.
    let large = #"{"files":[{"path":"a.yaml","text":"\#(String(repeating: "x", count: 3 << 20))"}]}"#
    #expect(try await admin.send("POST", "/admin/v1/plan", large).status == 200)
    #expect(try await admin.send("POST", "/admin/v1/plan", String(repeating: " ", count: 17 << 20)).status == 413)
    await admin.server.stop()
  }

  @Test("generations, breakers, queues and the log level are shown")
  func lists() async throws {
    let admin = try await ServedAdmin()
    #expect(
      try text(try await admin.json("GET", "/admin/v1/generations"))
        == #"{"generations":[{"number":1,"applied":"2023-11-14T22:13:20.25Z","reason":"start","routes":["a"]}]}"#)
    #expect(
      try text(try await admin.json("GET", "/admin/v1/breakers/hospital"))
        == #"{"name":"hospital","state":"half_open","forced":false,"calls":4,"failures":2,"slow":1,"refused":9}"#)
    try await admin.store.append(.init(Message(body: .bytes([1]))), to: "orders")
    let queues = try await admin.json("GET", "/admin/v1/queues")
    #expect(try text(queues).hasPrefix(#"{"queues":[{"name":"orders","depth":1,"leased":0,"delayed":0,"oldest":""#))
    _ = try await admin.send("POST", "/admin/v1/log-level", #"{"level":"debug"}"#)
    #expect(try await admin.json("GET", "/admin/v1/log-level").member("level")?.string == "debug")
    await admin.server.stop()
  }

  @Test("dead letters are listed a page at a time, by filters, and show no message to those who may not see it")
  func deadLetters() async throws {
    let admin = try await ServedAdmin()
    for number in 0..<120 {
      try await admin.keep(
        number, route: number % 2 == 0 ? "orders" : "visits", kind: number < 10 ? .invalid : .unavailable,
        time: 1_700_000_000 + Double(number))
    }
    var ids: [String] = []
    var after = ""
    while true {
      let page = try await admin.json("GET", "/admin/v1/dead-letters?limit=50\(after)", as: "viewer")
      let text = try text(page)
      #expect(!text.contains("patient") && !text.contains("s3cret"))
      guard case .json(let node)? = page.member("dead_letters") else { break }
      for letter in JSONElements(of: node) { ids.append(letter.member("id")?.string ?? "") }
      guard let next = page.member("next")?.string else { break }
      after = "&after=\(next)"
    }
    #expect(ids.count == 120 && Set(ids).count == 120)
    func count(_ query: String) async throws -> Int {
      guard
        case .json(let node)? = try await admin.json("GET", "/admin/v1/dead-letters?limit=500&\(query)").member(
          "dead_letters")
      else { return -1 }
      return node.count
    }
    #expect(try await count("route=orders") == 60)
    #expect(try await count("kind=invalid") == 10)
    #expect(try await count("since=2023-11-14T22:13:30Z&before=2023-11-14T22:13:32Z") == 2)
    #expect(try await count("route=orders&kind=invalid") == 5)
    await admin.server.stop()
  }

  @Test("a message is shown as bytes that no browser runs, and each look at it is logged")
  func body() async throws {
    let admin = try await ServedAdmin()
    let id = try await admin.keep(7)
    let body = try await admin.send("GET", "/admin/v1/dead-letters/\(id)/body", as: "body")
    #expect(body.headers["content-type"] == "application/octet-stream")
    #expect(body.headers["content-disposition"] == "attachment")
    guard case .bytes(let bytes) = body.body else {
      Issue.record("no body")
      return
    }
    #expect(String(decoding: bytes, as: UTF8.self) == "<b>patient 7</b>")
    let headers = try text(try await admin.json("GET", "/admin/v1/dead-letters/\(id)/headers", as: "body"))
    #expect(headers.contains("s3cret"))
    let looks = admin.log.lines.all.filter { $0.message == "admin action" }
    #expect(looks.map { $0.fields["action"] } == ["dead-letter-body", "dead-letter-headers"])
    #expect(looks.allSatisfy { $0.fields["caller"] == "body" && $0.fields["target"] == id })
    #expect(!"\(admin.log.lines.all)".contains("patient"))
    await admin.server.stop()
  }

  @Test("one letter is replayed or dropped, and the answer says what came of it")
  func single() async throws {
    let admin = try await ServedAdmin { id in
      switch id {
      case "letter-00001": .delivered
      case "letter-00002": .failed(Failure(.unavailable, "the hospital is down"))
      default: .refused(Failure(.rejected, "the route is gone"))
      }
    }
    for number in 1...4 { try await admin.keep(number) }
    func replay(_ number: Int) async throws -> String {
      try text(try await admin.json("POST", "/admin/v1/dead-letters/letter-0000\(number)/replay"))
    }
    #expect(try await replay(1) == #"{"outcome":"delivered","revision":"def"}"#)
    #expect(try await replay(2) == #"{"outcome":"failed","reason":"the hospital is down","revision":"def"}"#)
    #expect(try await replay(3) == #"{"outcome":"refused","reason":"the route is gone"}"#)
    #expect(try await admin.send("POST", "/admin/v1/dead-letters/letter-00001/replay").status == 404)
    #expect(try await admin.send("POST", "/admin/v1/dead-letters/letter-00004/drop").status == 200)
    #expect(try await admin.send("POST", "/admin/v1/dead-letters/letter-00004/drop").status == 404)
    #expect(try await admin.store.deadLetterCounts() == ["orders": 2])
    await admin.server.stop()
  }

  private func ended(_ id: String, _ admin: ServedAdmin) async throws -> Value {
    var job = Value.null
    _ = try await eventually {
      job = try await admin.json("GET", "/admin/v1/jobs/\(id)")
      return job.member("phase")?.string != "running"
    }
    return job
  }

  @Test("many are replayed by a job, which counts what came of them and ends though some fail again")
  func many() async throws {
    let admin = try await ServedAdmin { id in
      id.hasSuffix("3")
        ? .failed(Failure(.timeout, "too slow")) : id.hasSuffix("4") ? .refused(Failure(.rejected, "gone")) : .delivered
    }
    for number in 0..<250 { try await admin.keep(number) }
    #expect(try await admin.send("POST", "/admin/v1/dead-letters/replay").status == 400)
    #expect(try await admin.send("POST", "/admin/v1/dead-letters/replay", #"{"all":true,"route":"x"}"#).status == 400)
    let begun = try await admin.send("POST", "/admin/v1/dead-letters/replay", #"{"route":"orders"}"#)
    #expect(begun.status == 202)
    let job = try await ended("1", admin)
    #expect(job.member("phase")?.string == "finished")
    #expect(job.member("done")?.int == 200)
    #expect(job.member("failed")?.int == 25)
    #expect(job.member("refused")?.int == 25)
    #expect(job.member("by")?.string == "admin")
    #expect(Set(admin.calls.all).count == 250 && admin.calls.all.count == 250)
    let drop = try await admin.json("POST", "/admin/v1/dead-letters/drop", #"{"all":true}"#)
    #expect(try await ended(drop.member("id")?.string ?? "", admin).member("done")?.int == 50)
    #expect(try await admin.store.deadLetterCounts().values.reduce(0, +) == 0)
    #expect(admin.log.lines.all.contains { $0.message == "admin job ended" && $0.fields["done"] == "200" })
    await admin.server.stop()
  }

  @Test("a rate is kept, and a job that is cancelled ends after the letter that it is at")
  func rate() async throws {
    let clock = ManualClock(wallTime: 1_800_000_000)
    let admin = try await ServedAdmin(clock: clock)
    for number in 0..<10 { try await admin.keep(number) }
    let job = try await admin.json("POST", "/admin/v1/dead-letters/replay", #"{"all":true,"rate":"2/s"}"#)
    let id = job.member("id")?.string ?? ""
    await admin.calls.wait(for: 1)
    for count in 2...4 {
      await clock.waitForTimers()
      #expect(admin.calls.all.count == count - 1)
      clock.advance(by: .milliseconds(499))
      #expect(admin.calls.all.count == count - 1)
      clock.advance(by: .milliseconds(1))
      await admin.calls.wait(for: count)
    }
    await clock.waitForTimers()
    #expect(try await admin.send("POST", "/admin/v1/jobs/\(id)/cancel").status == 200)
    var cancelled = Value.null
    repeat {
      cancelled = try await admin.json("GET", "/admin/v1/jobs/\(id)")
    } while cancelled.member("phase")?.string == "running"
    #expect(cancelled.member("phase")?.string == "cancelled")
    #expect(cancelled.member("done")?.int == 4)
    #expect(try await admin.send("POST", "/admin/v1/jobs/77/cancel").status == 404)
    await admin.server.stop()
  }

  @Test("no more than a few jobs run at the same time, and the end of the server ends them")
  func bounded() async throws {
    let clock = ManualClock(wallTime: 1_800_000_000)
    let admin = try await ServedAdmin(clock: clock)
    for number in 0..<10 { try await admin.keep(number) }
    for _ in 0..<4 {
      let answer = try await admin.send("POST", "/admin/v1/dead-letters/replay", #"{"all":true,"rate":"1/h"}"#)
      #expect(answer.status == 202)
    }
    let fifth = try await admin.send("POST", "/admin/v1/dead-letters/replay", #"{"all":true}"#)
    #expect(fifth.status == 429)
    await clock.waitForTimers(4)
    await admin.server.stop()
    #expect(admin.log.lines.all.count { $0.message == "admin job ended" && $0.fields["outcome"] == "cancelled" } == 4)
  }

  @Test("pages are served beside the API, open to all or to those who may see metadata")
  func pages() async throws {
    let metrics = AdminPage("/metrics", "Metrics.", produces: "text/plain") { _ in
      HTTPResponse(status: 200, headers: ["content-type": "text/plain"], body: .bytes(Array("up 1\n".utf8)))
    }
    let live = AdminPage("/health/live", "Life.", produces: "text/plain", isOpen: true) { _ in HTTPResponse(status: 200)
    }
    let admin = try await ServedAdmin(pages: [metrics, live])
    let answer = try await admin.send("GET", "/metrics", as: nil)
    #expect(answer.status == 200)
    #expect(answer.headers["cache-control"] == "no-store")
    await admin.server.stop()
    let closed = try await ServedAdmin(ServedAdmin.options(anonymous: AnonymousAdmin.none), pages: [metrics, live])
    #expect(try await closed.send("GET", "/metrics", as: nil).status == 401)
    #expect(try await closed.send("GET", "/metrics", as: "body").status == 403)
    #expect(try await closed.send("GET", "/metrics", as: "viewer").status == 200)
    #expect(try await closed.send("GET", "/health/live", as: nil).status == 200)
    await closed.server.stop()
  }

  @Test("a method that a path has not is answered with those that it has")
  func methods() async throws {
    let admin = try await ServedAdmin()
    for (method, path, allow) in [
      ("GET", "/reload", "POST"), ("DELETE", "/routes/orders", "GET, HEAD"), ("PUT", "/log-level", "GET, HEAD, POST"),
    ] {
      let answer = try await admin.send(method, "/admin/v1" + path)
      #expect(answer.status == 405, "\(method) \(path)")
      #expect(answer.headers["allow"] == allow)
      #expect(try await admin.send(method, "/admin/v1" + path, as: "wrong").status == 401)
    }
    #expect(try await admin.send("HEAD", "/admin/v1/status").status == 200)
    #expect(try await admin.send("GET", "/admin/v1/nothing").status == 404)
    await admin.server.stop()
  }

  @Test("a store that cannot be used is not taken for one that is empty")
  func unavailableStore() async throws {
    let admin = try await ServedAdmin(isStoreOpen: false)
    for path in ["/queues", "/dead-letters", "/dead-letters/x"] {
      #expect(try await admin.send("GET", "/admin/v1" + path).status == 503, "\(path)")
    }
    #expect(try await admin.send("POST", "/admin/v1/dead-letters/drop", #"{"all":true}"#).status == 503)
    #expect(try await admin.json("GET", "/admin/v1/status").member("dead_letters") == nil)
    await admin.server.stop()
  }

  @Test("the status is ready when the engine is, not only its routes, and counts dead letters")
  func status() async throws {
    let admin = try await ServedAdmin(isReady: false)
    for number in 1...3 { try await admin.keep(number) }
    let status = try await admin.json("GET", "/admin/v1/status")
    #expect(status.member("ready")?.resolved.isTrue == false)
    #expect(status.member("dead_letters")?.int == 3)
    await admin.server.stop()
  }

  @Test("files that are sent for a plan take the right to configure")
  func planRights() async throws {
    let admin = try await ServedAdmin()
    let sent = #"{"files":[{"path":"a.yaml","text":"routes: []"}]}"#
    for name in ["operator", nil] {
      #expect(try await admin.send("POST", "/admin/v1/plan", as: name).status == 200)
      #expect(try await admin.send("POST", "/admin/v1/plan", as: name, sent).status == 403)
    }
    #expect(admin.calls.all == ["plan own", "plan own"])
    #expect(try await admin.send("POST", "/admin/v1/plan", sent).status == 200)
    await admin.server.stop()
  }

  /// The program that judges documents (PyPI, openapi-spec-validator), where it is installed.
  private static let judge = ProcessInfo.processInfo.environment["OMNIBUS_OPENAPI_VALIDATOR"]

  @Test("the document says what there is: paths, parameters, bodies, answers, logins")
  func document() async throws {
    let admin = try await ServedAdmin()
    let response = try await admin.send("GET", "/admin/v1/openapi.json")
    guard case .bytes(let bytes) = response.body else {
      Issue.record("no document")
      return
    }
    let root = try JSONDocument(parsing: bytes).root
    #expect(root.member("openapi")?.string == "3.1.0")
    let list = root.member("paths")?.member("/admin/v1/dead-letters")?.member("get")
    #expect(list?.member("operationId")?.string == "dead-letters")
    #expect(try text(try #require(list?.member("parameters"))).contains(#""name":"route","in":"query""#))
    #expect(try text(try #require(list?.member("security"))) == #"[{"bearer":[]},{}]"#)
    let force = root.member("paths")?.member("/admin/v1/breakers/{breaker}/force")?.member("post")
    #expect(try text(try #require(force?.member("requestBody"))).contains(#""enum":["open","closed","auto"]"#))
    if let judge = Self.judge {
      let folder = TemporaryDirectory()
      folder.write("openapi.json", String(decoding: bytes, as: UTF8.self))
      let program = try RunningProgram(judge, [folder.path + "/openapi.json"], input: .nothing)
      #expect(try await program.end() == 0, "\(program.output)")
    }
    await admin.server.stop()
  }
}

extension Value {
  fileprivate var isTrue: Bool { if case .bool(true) = self { true } else { false } }
}
