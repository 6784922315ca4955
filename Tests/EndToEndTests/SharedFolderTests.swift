import Foundation
import OmnibusTesting
import Testing

/// Several programs that take files from one folder.
@Suite("shared folder", .timeLimit(.minutes(5)))
struct SharedFolderTests {
  private static let count = 1_500
  private static let inFlight = 4

  @Test("when one of several programs is killed nothing is lost, and only what it had under way comes twice")
  func killed() async throws {
    let folder = TemporaryDirectory()
    mkdir("\(folder.path)/in", 0o755)
    var programs: [RunningProgram] = []
    for number in 0..<3 {
      folder.write("node\(number)/routes.yaml", routes(folder.path, number))
      programs.append(
        try RunningProgram(Project.program, ["run", "\(folder.path)/node\(number)", "--log-format", "json"]))
    }
    for number in 0..<Self.count / 2 { deliver(number, into: folder) }
    try #require(try await eventually { !taken(0, in: folder).isEmpty && taken(1, in: folder).count > 50 })
    programs[0].signal(SIGKILL)
    for number in Self.count / 2..<Self.count { deliver(number, into: folder) }
    #expect(
      try await eventually {
        files("in/done", in: folder).count == Self.count
          && files("in/.omnibus", in: folder).filter { $0.hasSuffix(".lock") }.count == 2
      }, "\(programs.map(\.output))")
    for program in programs.dropFirst() { #expect(try await program.stop() == 0) }
    let lines = (0..<3).flatMap { taken($0, in: folder) }
    #expect(Set(lines.map(String.init)) == Set((0..<Self.count).map(String.init)))
    #expect(lines.count <= Self.count + Self.inFlight)
    #expect(files("in/.omnibus", in: folder) == [])
    #expect(files("in/failed", in: folder) == [])
  }

  private func deliver(_ number: Int, into folder: TemporaryDirectory) {
    folder.write("new", "\(number)")
    rename("\(folder.path)/new", "\(folder.path)/in/\(number).txt")
  }

  private func taken(_ node: Int, in folder: TemporaryDirectory) -> [Substring] {
    (folder.text("out\(node)/all") ?? "").split(separator: "\n")
  }

  private func files(_ name: String, in folder: TemporaryDirectory) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(name)")) ?? []
  }

  private func routes(_ path: String, _ number: Int) -> String {
    """
    routes:
      - id: node
        from:
          file:
            directory: \(path)/in
            ready: moved
            settle: 0ms
            poll: 100ms
            max_in_flight: \(Self.inFlight)
            takeover_after: 3s
        steps:
          - to: { file: { directory: \(path)/out\(number), name: all, mode: append, newline: true } }
    """
  }
}
