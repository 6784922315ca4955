import OmnibusTesting
import Testing

@Suite("proxies of the environment") struct ProxyTests {
  @Test("the environment says where a proxy is only to those who ask it")
  func environment() async throws {
    let folder = TemporaryDirectory()
    let port = try FreePort.find()
    folder.write(
      "proxy.yaml",
      """
      routes:
        - id: proxy
          from: { rest: { listen: "127.0.0.1:\(port)", method: GET, path: "/{rest...}" } }
          steps:
            - map: { seen: "${ properties.request.path }" }
      """)
    let proxy = try RunningProgram(Project.program, ["run", folder.path])
    #expect(try await eventually { proxy.output.contains("ready") })
    for (option, outcome) in [(", proxy: environment", "\"outcome\":\"success\""), ("", "\"kind\":\"unavailable\"")] {
      let step = "to: { rest: { url: \"http://upstream.invalid\", method: GET, path: /wards\(option) } }"
      let program = try RunningProgram(
        Project.program, ["try", "-e", step, "--format", "json", "/dev/null"],
        environment: ["http_proxy": "http://127.0.0.1:\(port)"])
      _ = try await program.end()
      #expect(program.output.contains(outcome), "\(program.output)")
    }
    _ = try await proxy.stop()
  }
}
