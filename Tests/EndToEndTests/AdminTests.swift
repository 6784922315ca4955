import Foundation
import FoundationNetworking
import Omnibus
import OmnibusAdmin
import OmnibusEngine
import OmnibusTesting
import Testing

@Suite("the admin API and its commands, against the running program")
struct AdminTests {
  let folder = TemporaryDirectory()

  private var routes: String { "\(folder.path)/Routes" }

  private func writeRoute(_ id: String, port: UInt16, file: String? = nil) {
    folder.write(
      "Routes/\(file ?? id).yaml",
      """
      routes:
        - id: \(id)
          description: Answers.
          from: { rest: { listen: "127.0.0.1:\(port)", method: POST, path: /\(id) } }
          steps: [ { map: { answer: yes } } ]
      """)
  }

  /// The program with an admin API on a port of its own.
  private func start(_ admin: String = "") async throws -> (program: RunningProgram, url: String) {
    folder.write("omnibus.yaml", "admin: { listen: \"127.0.0.1:0\"\(admin) }\nwatch: false\nlog: { format: json }\n")
    return try await RunningProgram.serving(routes)
  }

  private func run(
    _ arguments: [String], environment: [String: String] = [:]
  ) async throws -> (code: Int32?, output: String) {
    let program = try RunningProgram(Project.program, arguments, environment: environment, input: .nothing)
    let code = try await program.end()
    return (code, program.output)
  }

  @Test("routes are shown, paused, resumed, drained, stopped and started")
  func routeCommands() async throws {
    let port = try FreePort.find()
    writeRoute("orders", port: port)
    let (program, url) = try await start()
    func omnibus(_ arguments: String...) async throws -> (code: Int32?, output: String) {
      try await run(arguments + ["--admin", url])
    }
    let status = try await omnibus("status")
    #expect(status.code == 0)
    #expect(status.output.contains("is ready: 1 route"))
    #expect(status.output.contains("orders  started"))
    let post = "http://127.0.0.1:\(port)/orders"
    #expect(try await HTTP.post(post, "{}").status == 200)
    #expect(try await omnibus("pause", "orders").output.contains("paused"))
    #expect(try await HTTP.post(post, "{}").status == 503)
    #expect(try await omnibus("routes", "orders").output.contains("paused_by    operator"))
    #expect(try await omnibus("resume", "orders").output.contains("started"))
    #expect(try await HTTP.post(post, "{}").status == 200)
    #expect(try await omnibus("drain", "orders", "--grace", "5s").code == 0)
    #expect(try await omnibus("stop", "orders").output.contains("stopped"))
    #expect(try await omnibus("start", "orders").output.contains("started"))
    #expect(try await HTTP.post(post, "{}").status == 200)
    let unknown = try await omnibus("pause", "nope")
    #expect(unknown.code == 1)
    #expect(unknown.output == "omnibus: There is no such route\n")
    let json = try await omnibus("routes", "--json")
    let document = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect((document["routes"] as? [[String: Any]])?.first?["id"] as? String == "orders")
    #expect(program.output.contains("\"action\":\"pause-route\",\"caller\":\"anonymous\""))
    #expect(try await program.stop() == 0)
  }

  @Test("a plan says what a reload would change, a reload changes it, and a mistake is printed and changes nothing")
  func plan() async throws {
    let port = try FreePort.find()
    writeRoute("orders", port: port)
    let token = AdminToken()
    let (program, url) = try await start(", tokens: [ { name: root, role: admin, hash: \"\(token.hash.text)\" } ]")
    func run(_ arguments: [String]) async throws -> (code: Int32?, output: String) {
      try await self.run(arguments, environment: ["OMNIBUS_ADMIN_TOKEN": token.text])
    }
    let same = try await run(["plan", "--admin", url])
    #expect(same.output == "1 route stays as it is\n")
    writeRoute("visits", port: port)
    #expect(try await self.run(["plan", routes, "--admin", url]).output.contains("it needs the right configure"))
    let sent = try await run(["plan", routes, "--admin", url])
    #expect(sent.code == 0)
    #expect(sent.output == "add     visits\n1 route stays as it is\n")
    let reload = try await run(["reload", "--admin", url])
    #expect(reload.output == "generation 2\nadd     visits\n1 route stays as it is\n")
    folder.write("Routes/visits.yaml", "routes: [ { id: visits, from: { rset: {} }, steps: [] } ]\n")
    for arguments in [["plan"], ["plan", routes], ["reload"]] {
      let refused = try await run(arguments + ["--admin", url])
      #expect(refused.code == 1)
      #expect(refused.output.contains("visits.yaml:1:"), "\(refused.output)")
      #expect(refused.output.contains("omnibus: The routes have mistakes, nothing was changed: 1 problem"))
    }
    #expect(try await run(["routes", "--admin", url]).output.contains("visits"))
    #expect(try await program.stop() == 0)
  }

  @Test("breakers, queues, generations, dead letters and the log level are shown and set")
  func others() async throws {
    writeRoute("orders", port: try FreePort.find())
    let token = AdminToken()
    let (program, url) = try await start(
      ", tokens: [ { name: root, role: admin, hash: \"\(token.hash.text)\" } ]")
    func omnibus(_ arguments: String...) async throws -> (code: Int32?, output: String) {
      try await run(arguments + ["--admin", url], environment: ["OMNIBUS_ADMIN_TOKEN": token.text])
    }
    #expect(try await omnibus("breakers").output.hasPrefix("BREAKER  STATE"))
    #expect(try await omnibus("breakers", "nope", "--force", "open").code == 1)
    #expect(try await omnibus("breakers", "--force", "open").code == 64)
    #expect(try await omnibus("queues").output.hasPrefix("QUEUE  DEPTH"))
    #expect(try await omnibus("generations").output.hasPrefix("GENERATION"))
    #expect(try await omnibus("dead-letters", "list", "--since", "2h", "--kind", "unavailable").code == 0)
    #expect(try await omnibus("dead-letters", "list", "--since", "yesterday").code == 64)
    #expect(try await omnibus("dead-letters", "show", "nope").code == 1)
    #expect(try await omnibus("dead-letters", "replay").code == 64)
    #expect(try await omnibus("dead-letters", "drop", "--all").output.hasPrefix("finished: 0 dropped"))
    let jobs = try await omnibus("jobs").output.split(separator: "\n")
    #expect(
      jobs.count == 2 && jobs[0].hasPrefix("JOB  ACTION") && jobs[1].contains("drop") && jobs[1].contains("finished"))
    #expect(try await omnibus("jobs", "cancel", "1").output.contains("finished"))
    #expect(try await omnibus("jobs", "cancel", "77").code == 1)
    #expect(try await omnibus("log-level").output == "info\n")
    #expect(try await omnibus("log-level", "debug").output == "debug\n")
    #expect(try await omnibus("log-level").output == "debug\n")
    #expect(try await omnibus("log-level", "loud").code == 64)
    #expect(!program.output.contains(token.text))
    #expect(try await program.stop() == 0)
  }

  @Test("a dead letter is listed, shown, replayed while the other side is down and when it is up, and is gone then")
  func deadLetters() async throws {
    let (port, upstream) = (try FreePort.find(), try FreePort.find())
    folder.write(
      "Routes/orders.yaml",
      """
      routes:
        - id: orders
          from: { rest: { listen: "127.0.0.1:\(port)", path: /orders } }
          middleware: [ { dead_letter: {} } ]
          steps:
            - to: { rest: { url: "http://127.0.0.1:\(upstream)", method: POST, path: /up } }
              middleware: [ { retry: { attempts: 2, backoff: { initial: 1ms } } } ]
      """)
    let token = AdminToken()
    let (program, url) = try await start(
      ", tokens: [ { name: root, role: admin, hash: \"\(token.hash.text)\" } ]")
    func letters(_ arguments: String...) async throws -> (code: Int32?, output: String) {
      try await run(
        ["dead-letters"] + arguments + ["--admin", url], environment: ["OMNIBUS_ADMIN_TOKEN": token.text])
    }
    #expect(try await HTTP.post("http://127.0.0.1:\(port)/orders", #"{"patient":"secret"}"#).status < 300)
    let list = try await letters("list", "--route", "orders", "--json")
    let document = try #require(try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [String: Any])
    let letter = try #require((document["dead_letters"] as? [[String: Any]])?.first)
    let id = try #require(letter["id"] as? String)
    #expect(try await letters("show", id).output.contains("unavailable"))
    let table = try await letters("list").output.split(separator: "\n").map {
      $0.split(separator: " ").map(String.init)
    }
    #expect(table[0][4] == "ATTEMPTS" && table[1][4] == "2")
    #expect(try await letters("show", id, "--body").output == #"{"patient":"secret"}"#)
    #expect(try await run(["status", "--admin", url]).output.contains("1 route, 1 dead letter\n"))
    let some = try await letters("replay", "nope", id)
    #expect(some.code == 1)
    #expect(some.output.contains("There is no such dead letter") && some.output.contains("\(id)  failed: "))
    let down = try await letters("replay", id)
    #expect(down.code == 1)
    #expect(down.output.hasPrefix("\(id)  failed: "))
    folder.write(
      "Routes/up.yaml",
      "routes: [ { id: up, from: { rest: { listen: \"127.0.0.1:\(upstream)\", path: /up } }, steps: [] } ]\n")
    #expect(try await run(["reload", "--admin", url]).code == 0)
    #expect(
      try await letters("replay", "--route", "orders", "--revision", "other").output.hasPrefix(
        "finished: 0 replayed, 0 failed again, 1 refused; last: the route \"orders\" has another revision"))
    #expect(
      try await letters("replay", "--route", "orders", "--rate", "100/s").output.hasPrefix("finished: 1 replayed"))
    #expect(try await letters("show", id).code == 1)
    #expect(!program.output.contains("secret"))
    #expect(try await program.stop() == 0)
  }

  @Test("a token of the program lets its holder in, and no longer once its line is gone and the file was read again")
  func token() async throws {
    writeRoute("orders", port: try FreePort.find())
    let made = try await run(["token", "create", "--role", "viewer", "--name", "ward"])
    #expect(made.code == 0)
    let lines = made.output.split(separator: "\n")
    let text = String(try #require(lines.first { $0.hasPrefix("omnibus_") }))
    let line = try #require(lines.first { $0.contains("- { name: ward") })
    let entry = line.split(separator: "-", maxSplits: 1)[1].trimmingCharacters(in: .whitespaces)
    let (program, url) = try await start(", anonymous: none, tokens: [ \(entry) ]")
    folder.write("token", text + "\n")
    let arguments = ["status", "--admin", url, "--token-file", "\(folder.path)/token"]
    #expect(try await run(arguments).code == 0)
    #expect(try await run(["pause", "orders"] + arguments.dropFirst()).code == 1)
    let none = try await run(["status", "--admin", url])
    #expect(none.code == 1)
    #expect(none.output == "omnibus: A token is needed\n")
    folder.write(
      "omnibus.yaml", "admin: { listen: \"127.0.0.1:0\", anonymous: none }\nwatch: false\nlog: { format: json }\n")
    program.signal(SIGHUP)
    #expect(try await eventually { program.output.contains("\"setting\":\"admin.tokens\"") })
    #expect(try await run(arguments).output == "omnibus: The token is not known\n")
    #expect(!program.output.contains(text))
    #expect(try await program.stop() == 0)
  }

  @Test("a name that the configuration would refuse gets no token, and one of odd signs is quoted")
  func tokenNames() async throws {
    for name in ["two words", "anonymous", ""] {
      #expect(try await run(["token", "create", "--name", name]).code == 64, "\(name)")
    }
    #expect(try await run(["token", "create", "--name", "a,b}"]).output.contains("- { name: \"a,b}\", role: viewer"))
  }

  @Test("a reload that moves a listener of the network to this machine lets nobody in who has no token")
  func reloadedAddress() async throws {
    let authority = try TestAuthority()
    try authority.issue("bus", names: "DNS:localhost,IP:127.0.0.1")
    let directory = authority.directory
    let (port, token) = (try FreePort.find(), AdminToken())
    directory.write(
      "Routes/r.yaml",
      "routes: [ { id: r, from: { rest: { listen: \"127.0.0.1:\(try FreePort.find())\", path: /r } }, steps: [] } ]\n")
    let rest = "watch: false\nlog: { format: json }\n"
    let tokens = "tokens: [ { name: root, role: admin, hash: \"\(token.hash.text)\" } ]"
    directory.write(
      "omnibus.yaml",
      "admin: { listen: \"0.0.0.0:\(port)\", tls: { certificate: bus.pem, key: bus.key }, \(tokens) }\n" + rest)
    let program = try RunningProgram(Project.program, ["run", "\(directory.path)/Routes"])
    #expect(try await eventually { program.output.contains("\"message\":\"ready\"") }, "\(program.output)")
    let arguments = ["reload", "--admin", "https://localhost:\(port)", "--ca-file", authority.certificate]
    #expect(try await run(arguments).output == "omnibus: A token is needed\n")
    directory.write("omnibus.yaml", "admin: { listen: \"127.0.0.1:\(port)\", \(tokens) }\n" + rest)
    #expect(try await run(arguments, environment: ["OMNIBUS_ADMIN_TOKEN": token.text]).code == 0)
    #expect(program.output.contains("\"setting\":\"admin.listen\""))
    #expect(try await run(arguments).output == "omnibus: A token is needed\n")
    #expect(try await run(arguments + ["--token-file", "/dev/null"]).code == 64)
    let other = try await run(["status", "--admin", "https://localhost:\(port)"])
    #expect(other.code == 2)
    #expect(other.output.hasPrefix("omnibus: no answer from https://localhost:\(port): "))
    #expect(try await program.stop() == 0)
  }

  @Test("secrets of the configuration, and hashes of tokens, are not in what the API and config show of it")
  func secrets() async throws {
    writeRoute("orders", port: try FreePort.find())
    let token = AdminToken()
    let (program, url) = try await start(
      ", tokens: [ { name: root, role: admin, hash: \"\(token.hash.text)\" } ]")
    var request = URLRequest(url: try #require(URL(string: "\(url)/admin/v1/configuration")))
    request.setValue("Bearer \(token.text)", forHTTPHeaderField: "authorization")
    let (data, _) = try await URLSession.shared.data(for: request)
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains("\"key\":\"admin.tokens\""))
    let printed = try await run(["config", routes]).output
    for shown in [text, printed] {
      #expect(!shown.contains(token.hash.text.dropFirst(7)))
      #expect(shown.contains("root"))
    }
    #expect(try await program.stop() == 0)
  }

  @Test("an engine that is not there, an address that is none, and a token in the clear have exit codes of their own")
  func unreachable() async throws {
    let port = try FreePort.find()
    let gone = try await run(["status", "--admin", "http://127.0.0.1:\(port)"])
    #expect(gone.code == 2)
    #expect(gone.output.hasPrefix("omnibus: no engine answers at http://127.0.0.1:\(port): "))
    #expect(try await run(["status", "--admin", "ftp://x"]).code == 64)
    let clear = try await run(
      ["status", "--admin", "http://192.0.2.1:9640"], environment: ["OMNIBUS_ADMIN_TOKEN": "omnibus_x"])
    #expect(clear.code == 64)
    #expect(clear.output.contains("in the clear"))
  }

  @Test("an address that is taken stops an engine that was told of it, and others go on without")
  func taken() async throws {
    let port = try FreePort.find()
    writeRoute("orders", port: port)
    let (program, url) = try await start()
    let address = url.dropFirst("http://".count)
    folder.write("omnibus.yaml", "admin: { listen: \"\(address)\" }\nlog: { format: json }\n")
    let second = try await run(["run", routes])
    #expect(second.code == 1)
    #expect(second.output.contains("\"message\":\"admin API not served\""))
    // A route on the address of the admin API, too.
    folder.write(
      "Routes/other.yaml",
      "routes: [ { id: other, from: { rest: { listen: \"\(address)\", path: /x } }, steps: [] } ]\n")
    let refused = try await run(["reload", "--admin", url])
    #expect(refused.code == 1)
    #expect(refused.output.contains("address already in use"))
    #expect(try await program.stop() == 0)
  }

  @Test("an admin API that others can reach is a mistake of the configuration without TLS and tokens")
  func unprotected() async throws {
    writeRoute("orders", port: try FreePort.find())
    folder.write("omnibus.yaml", "admin: { listen: \"0.0.0.0:9640\" }\n")
    for command in ["check", "run"] {
      let (code, output) = try await run([command, routes, "--config", "\(folder.path)/omnibus.yaml"])
      #expect(code == 1)
      #expect(output.contains("unprotected-admin"))
    }
  }
}
