import Foundation
import Logging
import Omnibus
import OmnibusEngine
import OmnibusHTTP
import OmnibusReactor
import OmnibusTesting
import Testing

@testable import RESTPlugin

@Suite("openapi source")
struct OpenAPITests {
  /// Endpoints that describe themselves, of a method and a path each.
  private func endpoint(
    _ method: String?, _ path: String, _ id: String, security: [OperationDescription.Security] = [],
    consumes: [String] = [], produces: [String] = [], description: String? = nil
  ) throws -> HTTPEndpoint {
    HTTPEndpoint(
      method: method, path: try PathPattern(path),
      operation: OperationDescription(
        id: id, description: { description }, consumes: consumes, produces: produces, security: security)
    ) { _ in HTTPResponse(status: 204) }
  }

  private func json(_ endpoints: [HTTPEndpoint]) throws -> String {
    let document = OpenAPIDocument(title: "Test", version: "3", endpoints: endpoints)
    return String(decoding: try document.value.jsonBytes(), as: UTF8.self)
  }

  private func every() throws -> [HTTPEndpoint] {
    [
      try endpoint(
        "POST", "/patients/{id}/notes", "notes", security: [.basic, .header("X-Api-Key")], consumes: ["text/*"]),
      try endpoint("GET", "/patients/{name}/notes", "read-notes", produces: ["application/json", "application/xml"]),
      try endpoint(nil, "/files/{path...}", "files", security: [.query("key"), .bearer], description: "All of it."),
      try endpoint("PUT", "/a%20b", "put"), try endpoint("GET", "/multiple", "twice"),
      try endpoint("POST", "/multiple", "twice"),
      HTTPEndpoint(method: "GET", path: try PathPattern("/hidden")) { _ in HTTPResponse(status: 204) },
    ]
  }

  @Test("the document is the same whatever the order in which the routes were added")
  func deterministic() throws {
    let endpoints = try every()
    let inOrder = try json(endpoints)
    // Of two that have a path in common, the first names its captures.
    let otherOrder = try json(endpoints[2...].reversed() + endpoints[..<2])
    #expect(inOrder == otherOrder)
    let value = OpenAPIDocument(title: "Test", version: "3", endpoints: endpoints).value
    let paths = value.member("paths")
    #expect(paths?.member("/hidden") == nil)
    let notes = paths?.member("/patients/{id}/notes") ?? paths?.member("/patients/{name}/notes")
    #expect(notes?.member("post")?.member("operationId")?.string == "notes")
    #expect(notes?.member("get")?.member("operationId")?.string == "read-notes")
    #expect(paths?.member("/files/{path}")?.member("patch")?.member("operationId")?.string == "files-patch")
    #expect(paths?.member("/files/{path}")?.member("get")?.member("description")?.string == "All of it.")
    #expect(paths?.member("/multiple")?.member("post")?.member("operationId")?.string == "twice-post")
    let schemes = value.member("components")?.member("securitySchemes")
    #expect(schemes?.member("header-x-api-key")?.member("name")?.string == "X-Api-Key")
  }

  /// The program that judges documents (PyPI, openapi-spec-validator), where it is installed.
  private static let judge = ProcessInfo.processInfo.environment["OMNIBUS_OPENAPI_VALIDATOR"]

  @Test("an independent judge takes the document", .enabled(if: judge != nil))
  func judged() throws {
    let judge = try #require(Self.judge)
    for endpoints in [try every(), []] {
      let folder = TemporaryDirectory()
      let file = folder.path + "/openapi.json"
      try Data(json(endpoints).utf8).write(to: URL(fileURLWithPath: file))
      let program = try RunningProgram(judge, [file], input: .nothing)
      #expect(program.wait() == 0, "\(program.output)")
    }
  }

  private static func freePort(_ reactors: ReactorGroup) async throws -> UInt16 {
    let address = try #require(try await SocketAddress.resolve("127.0.0.1:0", on: BlockingExecutor(threads: 1)).first)
    let listener = try HTTPListener.open(address, reactors: reactors)
    await listener.close()
    return listener.port
  }

  @Test("the document lists the routes of its address, and follows a reload, also of a description alone")
  func reload() async throws {
    let reactors = try ReactorGroup(count: 1)
    // One that was free a moment ago.
    let port = try await Self.freePort(reactors)
    let engine = Engine(
      plugins: [.rest],
      environment: EngineEnvironment(
        reactors: reactors, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    func apply(_ routes: String) async throws {
      let text = """
        routes:
          - id: api
            from: { openapi: { listen: "127.0.0.1:\(port)", title: Wards } }
            steps: []
        \(routes)
        """
      _ = try await engine.apply(RouteFiles([RouteFiles.File(path: "routes.yaml", bytes: Array(text.utf8))]))
    }
    func document() async throws -> HTTPClientResponse {
      try await HTTPClient(reactors: reactors).send(
        HTTPClientRequest(url: "http://127.0.0.1:\(port)/openapi.json"))
    }
    func ward(_ description: String) -> String {
      """
        - id: ward
          description: \(description)
          from: { rest: { listen: "127.0.0.1:\(port)", path: "/wards/{ward}", auth: { api_key: { header: x-key, key: "${env:NONE:-k}" } } } }
          steps: []
      """
    }
    try await apply(ward("First."))
    let first = try await document()
    #expect(first.status == 200)
    #expect(first.headers["content-type"] == "application/json")
    #expect(text(first.body)?.contains("\"description\":\"First.\"") == true)
    #expect(text(first.body)?.contains("\"title\":\"Wards\"") == true)
    #expect(text(first.body)?.contains("openapi.json") == false)
    try await apply(ward("Second."))
    #expect(text(try await document().body)?.contains("\"description\":\"Second.\"") == true)
    try await apply("")
    #expect(text(try await document().body)?.contains("/wards/{ward}") == false)
    await engine.stop(grace: .seconds(1))
  }
}
