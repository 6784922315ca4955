import Foundation
import OmnibusTesting
import Testing

extension RunningProgram {
  /// The program with the routes of a folder, once it is ready, and the address of its admin API. The `omnibus.yaml` beside
  /// the folder has it log JSON, and serve that API at a port of its own.
  static func serving(_ routes: String) async throws -> (program: RunningProgram, url: String) {
    let program = try RunningProgram(Project.program, ["run", routes])
    #expect(
      try await eventually {
        program.output.contains("\"message\":\"ready\"") || !program.isRunning
      })
    #expect(program.isRunning, "\(program.output)")
    let line = try #require(program.output.split(separator: "\n").first { $0.contains("admin API serves") })
    let fields = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    return (program, "http://\(try #require(fields["address"] as? String))")
  }
}
