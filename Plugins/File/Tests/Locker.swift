import OmnibusTesting
import Testing

/// Another program that holds a file locked until it is told to end.
final class Locker: Sendable {
  private let program: RunningProgram

  /// Runs a Python script with one argument, and returns once it has written a byte.
  init(_ script: String, _ argument: String) async throws {
    let program = try RunningProgram("/usr/bin/python3", ["-c", script, argument])
    _ = try await eventually { !program.output.isEmpty || !program.isRunning }
    try #require(program.output.utf8.count == 1, "\(program.output)")
    self.program = program
  }

  /// Ends it, and returns when it has let go.
  func end() async throws {
    program.closeInput()
    _ = try await program.end()
  }
}
