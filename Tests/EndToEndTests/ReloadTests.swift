import Foundation
import OmnibusTesting
import Testing

@Suite("reload under load")
struct ReloadTests {
  private struct Outcome: Decodable {
    var requests: Int
    var generation: Int
    var refused: Int
    var code: Int
    var revisions: Int
    var failures: [String]
    var lost: Int
    var doubled: Int
  }

  @Test("200 changes while 64 connections send: nothing is refused, lost or doubled, and mistakes change nothing")
  func underLoad() async throws {
    let folder = TemporaryDirectory()
    let script = Project.file("Tests/EndToEndTests/Support/reload_under_load.py").path
    let program = try RunningProgram("/usr/bin/env", ["python3", script, Project.program, folder.path, "200"])
    #expect(try await program.end() == 0)
    #expect(try await eventually { program.output.contains("}") })
    let line = try #require(
      program.output.split(separator: "\n").last { $0.hasPrefix("{\"requests") }, "\(program.output)")
    let outcome = try JSONDecoder().decode(Outcome.self, from: Data(line.utf8))
    #expect(outcome.failures == [])
    #expect(outcome.lost == 0)
    #expect(outcome.doubled == 0)
    #expect(outcome.code == 0)
    #expect(outcome.refused == 40)
    #expect(outcome.generation == 161)
    #expect(outcome.requests > 1_000)
    #expect(outcome.revisions > 10)
  }
}
