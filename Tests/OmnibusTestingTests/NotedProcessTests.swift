import Glibc
import Testing

@testable import OmnibusTesting

@Suite("a process that has written down its number")
struct NotedProcessTests {
  private let folder = TemporaryDirectory()
  private var noted: NotedProcess { NotedProcess(variable: "NOTED", file: "\(folder.path)/pid") }

  /// A process that has written down its number, and waits.
  private func program(_ environment: [String: String]) async throws -> RunningProgram {
    let program = try RunningProgram(
      "/bin/sh", ["-c", "echo $$ > new; mv new pid; exec cat"], environment: environment, directory: folder.path)
    #expect(try await eventually { folder.text("pid") != nil })
    return program
  }

  @Test("it is ended by a signal, and by a shell") func ended() async throws {
    for byShell in [false, true] {
      remove(noted.file)
      let program = try await program(["NOTED": noted.file])
      if byShell {
        let shell = try RunningProgram("/bin/sh", ["-c", noted.killScript], input: .nothing)
        #expect(try await shell.end() == 0)
      } else {
        #expect(noted.signal(SIGKILL))
      }
      #expect(try await program.end() == 128 + SIGKILL)
    }
  }

  @Test("another that has its number by now is left alone, and so is one that has ended") func another() async throws {
    let other = try await program(["NOTED": "\(noted.file).other"])
    #expect(!noted.signal(SIGKILL))
    let shell = try RunningProgram("/bin/sh", ["-c", noted.killScript], input: .nothing)
    #expect(try await shell.end() != 0)
    #expect(other.isRunning)
    other.signal(SIGKILL)
    #expect(try await other.end() == 128 + SIGKILL)
    #expect(!noted.signal(SIGKILL))
    remove(noted.file)
    #expect(!noted.signal(SIGKILL))
  }
}
