import Foundation
import OmnibusTesting
import Synchronization

/// A program that a test started. It is killed when nobody holds it any more; its standard input lasts as long as it
/// is held, and no longer than the tests.
final class RunningProgram: Sendable {
  private let process: Process
  private let input = Pipe()
  private let text = WrittenText()

  /// Starts `program`; `environment` is added to that of the tests.
  init(_ program: URL, _ arguments: [String], environment: [String: String] = [:]) throws {
    process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let pipe = Pipe()
    process.standardInput = input
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    Thread.detachNewThread { [text, handle = pipe.fileHandleForReading] in
      while case let data = handle.availableData, !data.isEmpty { text.append(data) }
      text.end()
    }
  }

  // Not by SIGTERM: children inherit the signal mask of the thread that starts them, and workers block that.
  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// What it wrote so far, to standard output and standard error.
  var output: String { text.all }

  /// Whether it has not ended.
  var isRunning: Bool { process.isRunning }

  /// Sends it a signal.
  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Asks it to end, and gives its exit code; nil where it does not end in time.
  func stop(within limit: Duration = .seconds(30)) async throws -> Int32? {
    process.terminate()
    return try await end(within: limit)
  }

  /// Waits for its end, and gives its exit code; nil where it does not end in time.
  func end(within limit: Duration = .seconds(60)) async throws -> Int32? {
    guard try await eventually(within: limit, { !process.isRunning }) else { return nil }
    // What it wrote last may still be on its way; a child of its own may hold the pipe open for ever.
    _ = try await eventually(within: .seconds(2), { text.isWhole })
    return process.terminationStatus
  }
}

/// What a program writes, as it comes.
private final class WrittenText: Sendable {
  private let state = Mutex((bytes: Data(), isWhole: false))

  /// All so far.
  var all: String { state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }

  /// Whether nothing more can come.
  var isWhole: Bool { state.withLock { $0.isWhole } }

  func append(_ data: Data) { state.withLock { $0.bytes += data } }

  func end() { state.withLock { $0.isWhole = true } }
}
