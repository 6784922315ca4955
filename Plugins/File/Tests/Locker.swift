import Foundation
import Testing

/// Another program that holds a file locked until it is told to end.
final class Locker: Sendable {
  private let process = Process()
  private let input = Pipe()

  /// Runs a Python script with one argument, and returns once it has written a byte.
  init(_ script: String, _ argument: String) throws {
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = ["-c", script, argument]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    try #require(output.fileHandleForReading.availableData.count == 1)
  }

  /// Ends it, and returns when it has let go.
  func end() {
    input.fileHandleForWriting.closeFile()
    process.waitUntilExit()
  }
}
