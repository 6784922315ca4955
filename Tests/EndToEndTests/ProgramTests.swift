import Foundation
import Omnibus
import OmnibusReactor
import OmnibusTesting
import Testing

@Suite("the program")
struct ProgramTests {
  let folder = TemporaryDirectory()

  /// Writes a file so that a program that watches it sees it whole.
  private func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(folder.path)/\(name)"), options: .atomic)
  }

  private func run(_ arguments: String...) async throws -> (code: Int32?, output: String) {
    let program = try RunningProgram(Project.program, arguments)
    let code = try await program.end()
    // The pipe may be read a moment after the end.
    var output = program.output
    _ = try await eventually(within: .milliseconds(200)) {
      defer { output = program.output }
      return !output.isEmpty && output == program.output
    }
    return (code, output)
  }

  private func route(port: UInt16, answer: String) -> String {
    """
    routes:
      - id: answering
        from: { rest: { listen: "127.0.0.1:\(port)", method: POST, path: /answer } }
        steps:
          - map: { answer: \(answer) }
    """
  }

  @Test("routes are reloaded while requests flow: none is refused, and a mistake changes nothing")
  func reload() async throws {
    let port = try FreePort.find()
    let url = "http://127.0.0.1:\(port)/answer"
    try write("routes.yaml", route(port: port, answer: "one"))
    let program = try RunningProgram(Project.program, ["run", folder.path, "--log-format", "json"])
    #expect(try await eventually { program.output.contains("\"message\":\"ready\"") })

    #expect(try await HTTP.post(url, "{}")["answer"] as? String == "one")
    let enough = StopSignal()
    let client = Task {
      var answers: [String] = []
      while !enough.isStopped {
        let answer = try await HTTP.post(url, "{}")
        try #require(answer.status == 200)
        answers.append(answer["answer"] as? String ?? "")
      }
      return answers
    }
    try write("routes.yaml", route(port: port, answer: "two"))
    #expect(try await eventually { program.output.contains("\"generation\":\"2\"") })
    try write("routes.yaml", "routes: [")
    #expect(try await eventually { program.output.contains("nothing was changed") })
    #expect(program.output.contains("\"code\":\"yaml-syntax\""))
    try write("routes.yaml", route(port: port, answer: "three"))
    #expect(try await eventually { program.output.contains("\"generation\":\"3\"") })
    #expect(try await HTTP.post(url, "{}")["answer"] as? String == "three")
    enough.signal()
    let answers = try await client.value
    #expect(Set(answers).isSubset(of: ["one", "two", "three"]))
    #expect(try await program.stop() == 0)
    #expect(program.output.contains("\"message\":\"stopped\""))
  }

  @Test("what is under way finishes when the program is told to stop, also when it is told twice over")
  func gracefulStop() async throws {
    let port = try FreePort.find()
    try write(
      "routes.yaml",
      """
      routes:
        - id: slow
          from: { rest: { listen: "127.0.0.1:\(port)", method: POST, path: /slow } }
          steps:
            - log: { message: under way }
            - delay: { for: 500ms }
            - map: { done: true }
      """)
    let program = try RunningProgram(Project.program, ["run", folder.path, "--log-format", "json"])
    #expect(try await eventually { program.output.contains("\"message\":\"ready\"") })
    async let answer = HTTP.post("http://127.0.0.1:\(port)/slow", "{}")
    #expect(try await eventually { program.output.contains("under way") })
    program.signal(SIGINT)
    program.signal(SIGTERM)
    #expect(try await answer["done"] as? Bool == true)
    #expect(try await program.end() == 0)
    #expect(program.output.contains("\"message\":\"stopped\""))
  }

  @Test("told to stop while it waits for a broker that does not answer, it ends at once and without a complaint")
  func stopWhileStarting() async throws {
    let (listener, connected) = (
      try TCPListener.bind(#require(SocketAddress("127.0.0.1:0")), maxConnections: 1), Recorder<TCPConnection>()
    )
    listener.accept(on: Context.testing().reactors) { connected.append($0) }
    try write(
      "routes.yaml",
      """
      routes:
        - id: waiting
          from:
            rabbitmq:
              url: "amqp://\(listener.address)"
              login: { user: "${env:NONE:-guest}", password: "${env:NONE:-guest}" }
              connect_timeout: 1h
              queue: visits
          steps: []
      """)
    let program = try RunningProgram(Project.program, ["run", folder.path, "--log-format", "json"])
    await connected.wait(for: 1)
    #expect(try await program.stop() == 0)
    #expect(program.output.contains("\"message\":\"stopped\""))
    #expect(!program.output.contains("\"level\":\"error\""))
    listener.close()
  }

  @Test("a program whose routes are wrong says so and does not start")
  func wrongRoutes() async throws {
    try write("routes.yaml", "routes: [ { id: a } ]")
    let (code, output) = try await run("run", folder.path, "--log-format", "text")
    #expect(code == 1)
    #expect(output.contains("error[missing-key]: a route needs the key \"from\""))
  }

  @Test("an address that is taken is said with the place of the source")
  func takenAddress() async throws {
    let port = try FreePort.find()
    try write("routes.yaml", route(port: port, answer: "one"))
    let first = try RunningProgram(Project.program, ["run", folder.path, "--log-format", "json"])
    #expect(try await eventually { first.output.contains("\"message\":\"ready\"") })
    let (code, output) = try await run("run", folder.path, "--log-format", "text")
    #expect(code == 1)
    #expect(output.contains("routes.yaml:3:11: error[cannot-start]: route \"answering\" cannot start"))
    #expect(try await first.stop() == 0)
  }

  @Test("check writes JSON for tools")
  func checkJSON() async throws {
    try write("routes.yaml", "routes: [ { id: a, from: { rest: { pth: / } }, steps: [] } ]")
    let (code, output) = try await run("check", folder.path, "--format", "json")
    #expect(code == 1)
    let report = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    let problem = try #require((report["problems"] as? [[String: Any]])?.first)
    #expect(problem["code"] as? String == "unknown-option")
    #expect(problem["line"] as? Int == 1)
    #expect(problem["column"] as? Int == 36)
  }

  @Test("try runs steps on each file, and its exit code says whether any message failed")
  func tryFiles() async throws {
    try write("a.json", #"{"name": "Ann", "age": 70}"#)
    try write("b.json", #"{"name": "Bob"}"#)
    let steps = """
      [ { validate: { rules: [ { that: has(body.age), message: no age } ] } }, { map: { n: "${ body.name }" } } ]
      """
    let good = try await run("try", "-e", steps, folder.path + "/a.json")
    #expect(good.code == 0)
    #expect(good.output == #"{"n":"Ann"}"#)
    let both = try await run(
      "try", "-e", steps, folder.path + "/a.json", folder.path + "/b.json", "--format", "json")
    #expect(both.code == 1)
    let lines = try both.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(lines.map { $0["outcome"] as? String } == ["success", "failure"])
    #expect((lines.first?["body"] as? [String: String]) == ["n": "Ann"])
    #expect(lines.last?["kind"] as? String == "invalid")
    #expect(lines.last?["place"] as? String == "validate-1")
  }

  @Test("eval prints the value of an expression as JSON")
  func evaluate() async throws {
    try write("a.json", #"{"entry": [1, 2.50]}"#)
    let (code, output) = try await run("eval", "body.entry.map(x, x * 2)", "--body", folder.path + "/a.json")
    #expect(code == 0)
    #expect(output.filter { !$0.isWhitespace } == "[2,5.00]")
  }

  @Test("the version and the help are there")
  func help() async throws {
    #expect(try await run("--version").output == "0.1.0\n")
    let (code, output) = try await run("--help")
    #expect(code == 0)
    #expect(output.contains("omnibus check Routes/"))
    #expect(try await run("describe", "retry").output.contains("backoff.initial"))
    #expect(try await run("describe", "idempotent").output.contains("idempotent: { key: body.id }"))
    let unknown = try await run("describe", "retri")
    #expect(unknown.code != 0)
    #expect(unknown.output.contains("did you mean \"retry\"?"))
  }
}
