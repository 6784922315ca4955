import Omnibus
import OmnibusReactor
import OmnibusTesting
import Testing

@testable import FlowPlugin

/// What a reactor would be held by for too long runs elsewhere.
@Suite("large bodies") struct LargeBodyTests {
  static let large = Array("{\"text\":\"".utf8) + [UInt8](repeating: 0x61, count: 2 << 20) + Array("\"}".utf8)
  static let small = Array("{\"text\":\"a\"}".utf8)

  static let routes: [Configuration] = [
    ["filter": "size(body.text) > 0"],
    ["set": ["fields": ["id": "1"]]],
    ["choice": [["when": "size(body.text) > 0", "steps": []]]],
    ["do": ["steps": [["set": ["fields": ["id": "1"]]]]]],
    ["set": ["fields": ["id": "1"]], "middleware": [["pass": [:]]]],
    ["choice": [["when": "size(body.text) > 0", "steps": []]], "middleware": [["pass": [:]]]],
  ]

  @Test("they are decoded on another thread than the reactor's", arguments: routes)
  func large(_ step: Configuration) async throws {
    #expect(try await places(of: step, Self.large) == [false])
  }

  @Test("small ones are decoded on the reactor that they are on", arguments: routes)
  func small(_ step: Configuration) async throws {
    #expect(try await places(of: step, Self.small) == [true])
  }

  @Test("one that cannot be decoded fails only what reads it")
  func broken() async throws {
    let broken = Self.large.dropLast()
    let branches: Configuration = [
      "choice": [
        ["when": "headers.kind == \"a\"", "steps": []], ["when": "size(body.text) > 0", "steps": []],
      ]
    ]
    for kind in ["a", "b"] {
      var message = Message(
        headers: Headers([("content-type", "application/json"), ("kind", kind)]), body: .bytes(Array(broken)))
      let block = try loader(Recorder()).steps([branches])
      let failure: Failure?
      do {
        _ = try await block.run(&message)
        failure = nil
      } catch {
        failure = Failure(error)
      }
      #expect(failure?.kind == (kind == "a" ? nil : .invalid))
      guard case .bytes(let bytes) = message.body else { return #expect(Bool(false), "the body is gone") }
      #expect(bytes.count == broken.count)
    }
  }

  /// Whether a reactor's thread decoded the body, for each time that it was decoded.
  private func places(of step: Configuration, _ body: [UInt8]) async throws -> [Bool] {
    let decoded = Recorder<Bool>()
    let block = try loader(decoded).steps([step])
    let reactors = try ReactorGroup(count: 1)
    defer { reactors.stop() }
    let task = Task(executorPreference: reactors.reactors[0]) {
      var message = Message(headers: Headers([("content-type", "application/json")]), body: .bytes(body))
      _ = try await block.run(&message)
    }
    try await task.value
    return decoded.all
  }

  private func loader(_ decoded: Recorder<Bool>) -> ComponentLoader {
    let format = Format(name: "json", mediaTypes: ["application/json"]) { bytes throws(Failure) in
      decoded.append(Reactor.current != nil)
      return try JSONDocument(parsing: bytes)
    }
    let pass = Plugin(
      name: "pass", version: "1",
      components: [.middleware("pass", "Passes on.", NoOptions.self) { _, _ in Pass() }])
    return ComponentLoader([.flow, pass], context: .testing(formats: Formats([format])))
  }
}

private struct Pass: Middleware {
  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
    try await next(&message, context)
  }
}
