import Foundation
import OmnibusTesting
import Testing

@Suite("the data directory of the program", .timeLimit(.minutes(5)))
struct DataDirectoryTests {
  private let folder = TemporaryDirectory()

  init() {
    folder.write(
      "Routes/routes.yaml",
      """
      routes:
        - id: quiet
          from: { timer: { every: 1h } }
          steps: []
      """)
  }

  private func start() throws -> RunningProgram {
    try RunningProgram(Project.program, ["run", "\(folder.path)/Routes", "--log-format", "json"])
  }

  private func isReady(_ program: RunningProgram) async throws -> Bool {
    try await eventually { program.output.contains("\"message\":\"ready\"") }
  }

  @Test("it is not made where nothing needs it")
  func none() async throws {
    let program = try start()
    #expect(try await isReady(program))
    #expect(try await program.stop() == 0)
    #expect(folder.files == ["Routes"])
  }

  @Test("it is made where omnibus.yaml names it, belongs to one engine, and is in order when that has stopped")
  func written() async throws {
    folder.write("omnibus.yaml", "data: { directory: kept }")
    let first = try start()
    #expect(try await isReady(first))
    #expect(TemporaryDirectory.names("\(folder.path)/kept").contains("omnibus.db"))

    let second = try start()
    #expect(try await second.end() == 1)
    #expect(try await eventually { second.output.contains("kept is in use by process") })
    #expect(second.output.contains("\"code\":\"cannot-start\""))

    #expect(try await first.stop() == 0)
    #expect(!TemporaryDirectory.names("\(folder.path)/kept").contains("omnibus.db-wal"))
  }

  @Test("it lies beside the folder of all routes, where one of the folders in it is served", arguments: [true, false])
  func within(isInside: Bool) async throws {
    folder.write(
      "Routes/orders/routes.yaml",
      """
      routes:
        - id: orders
          from: { queue: { name: orders } }
          steps: []
      """)
    let program = try RunningProgram(
      Project.program, ["run", isInside ? "." : "\(folder.path)/Routes/orders", "--log-format", "json"],
      directory: isInside ? "\(folder.path)/Routes/orders" : nil)
    #expect(try await isReady(program), "\(program.output)")
    #expect(try await program.stop() == 0)
    #expect(folder.files == ["Routes", "data"])
    #expect(TemporaryDirectory.names("\(folder.path)/Routes") == ["orders", "routes.yaml"])
    // One that lies right beside it holds.
    folder.write("Routes/omnibus.yaml", "data: { directory: ../kept }")
    let configured = try RunningProgram(
      Project.program, ["run", "\(folder.path)/Routes/orders", "--log-format", "json"])
    #expect(try await isReady(configured), "\(configured.output)")
    #expect(try await configured.stop() == 0)
    #expect(folder.files == ["Routes", "data", "kept"])
  }

  @Test("a database that is damaged stops the start, and is left as it is")
  func damaged() async throws {
    folder.write("data/omnibus.db", "no database at all")
    let program = try start()
    #expect(try await program.end() == 1)
    #expect(try await eventually { program.output.contains("cannot be opened: it is damaged") })
    #expect(folder.text("data/omnibus.db") == "no database at all")
  }
}
