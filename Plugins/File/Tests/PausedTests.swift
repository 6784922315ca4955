import Omnibus
import OmnibusTesting
import Testing

@testable import FilePlugin

@Suite("file source of a paused route")
struct PausedTests {
  @Test("files stay where they are while the route takes nothing, also when it is stopped then")
  func stay() async throws {
    let folder = TemporaryDirectory()
    folder.write("a.csv", "1")
    let made = try ComponentLoader([.file]).make(
      .source, "file", ["directory": "\(folder.path)", "settle": "0ms"])
    guard case .source(let source) = made else { throw Failure(.internal, "expected a source") }
    try await source.prepare()
    let stop = StopSignal()
    let asked = Recorder<Bool>()
    let delivered = Recorder<Bool>()
    let deliver = Deliver(
      context: .testing(), stop: stop,
      admission: {
        asked.append(true)
        await stop.wait()
        return nil
      }
    ) { _, _ in
      delivered.append(true)
      return .next
    }
    let task = Task { try await source.run(deliver) }
    await asked.wait(for: 1)
    #expect(folder.text("a.csv") == "1")
    stop.signal()
    try await task.value
    #expect(folder.text("a.csv") == "1")
    #expect(delivered.all.isEmpty)
  }
}
