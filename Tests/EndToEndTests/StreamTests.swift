import Foundation
import OmnibusTesting
import Testing

@Suite("streams")
struct StreamTests {
  @Test("what a failed or ignored delivery has left of a stream is never passed on as the whole")
  func oneReader() async throws {
    let folder = TemporaryDirectory()
    let port = try FreePort.find()
    let nobody = try FreePort.find()
    let routes = """
      routes:
        - id: fallback
          from: { rest: { listen: "127.0.0.1:\(port)", path: /fallback, stream: true } }
          steps:
            - do:
                steps: [{ to: { rest: { url: "http://127.0.0.1:\(nobody)" } } }]
                on_failure: [{ to: { file: { directory: ../out, name: fallback.bin } } }]
        - id: ignored
          from: { rest: { listen: "127.0.0.1:\(port)", path: /ignored, stream: true } }
          steps:
            - to: { rest: { url: "http://127.0.0.1:\(port)/sink" } }
              reply: ignore
            - to: { file: { directory: ../out, name: ignored.bin } }
        - id: sink
          from: { rest: { listen: "127.0.0.1:\(port)", path: /sink } }
          steps: [{ stop: {} }]
      """
    folder.write("routes/routes.yaml", routes)
    let program = try RunningProgram(Project.program, ["run", "\(folder.path)/routes", "--log-format", "json"])
    try #require(try await eventually { program.output.contains("\"message\":\"ready\"") }, "\(program.output)")
    let body = "\"" + String(repeating: "x", count: 300_000) + "\""
    for path in ["fallback", "ignored"] {
      let answer = try await HTTP.post("http://127.0.0.1:\(port)/\(path)", body)
      #expect(answer.status == 400)
      #expect(answer["detail"] as? String == "the body is a stream that was read already")
      #expect(folder.read("out/\(path).bin") == nil)
    }
    #expect(try await program.stop() == 0)
  }
}
