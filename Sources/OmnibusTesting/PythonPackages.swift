internal import Foundation
internal import Glibc

/// Python packages from PyPI that tests compare with. They are installed once, into a folder of their own below
/// `~/.cache/omnibus-tests`; tests that need them are skipped where PyPI cannot be reached.
///
/// ```swift
/// @Test("…", .enabled("skipped: h11 cannot be had from PyPI") { PythonPackages(["h11==0.16.0"]).interpreter != nil })
/// ```
public struct PythonPackages: Sendable {
  /// The path of a Python interpreter that has the packages; nil where they cannot be had.
  public let interpreter: String?

  /// The packages that `requirements` name, each with its version: `h11==0.16.0`.
  public init(_ requirements: [String]) {
    let home = ProcessInfo.processInfo.environment["HOME"] ?? "/tmp"
    let cache = ProcessInfo.processInfo.environment["XDG_CACHE_HOME"] ?? "\(home)/.cache"
    let name = requirements.sorted().joined(separator: "+").replacing("==", with: "-")
    interpreter = Self.install(requirements, in: "\(cache)/omnibus-tests/\(name)")
  }

  private static func install(_ requirements: [String], in folder: String) -> String? {
    let python = "\(folder)/bin/python"
    let isDone = "\(folder)/installed"
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // Other test processes may be about the same.
    let lock = open("\(folder)/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else { return nil }
    defer { close(lock) }
    if FileManager.default.fileExists(atPath: isDone) { return python }
    guard run("/usr/bin/env", ["python3", "-m", "venv", folder]),
      run(python, ["-m", "pip", "install", "--quiet", "--timeout", "10", "--retries", "1"] + requirements),
      FileManager.default.createFile(atPath: isDone, contents: nil)
    else { return nil }
    return python
  }

  private static func run(_ program: String, _ arguments: [String]) -> Bool {
    (try? output(program, arguments)) != nil
  }

  /// What a program writes to its standard output, line by line; throws where it fails.
  public static func output(_ program: String, _ arguments: [String]) throws -> String {
    let process = try RunningProgram(program, arguments, input: .nothing, errors: .discarded)
    let status = process.wait()
    guard status == 0 else { throw Failed(program: program, status: status) }
    return process.output
  }

  private struct Failed: Error {
    let program: String
    let status: Int32
  }
}
