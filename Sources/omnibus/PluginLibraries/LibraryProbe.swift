internal import Glibc
internal import Omnibus
internal import OmnibusReactor

/// Opens a library in a process of its own first: one that crashes or hangs takes only that down.
enum LibraryProbe {
  /// How long a library may take to say what it brings.
  static let limit = Duration.seconds(10)
  /// The most that is kept of what the process writes.
  private static let maxOutput = 1 << 20

  /// What the library at `path` brings.
  static func run(_ path: String) throws(LibraryProblem) -> LibraryContents {
    let deadline = MonotonicTime.now + UInt64(limit / .nanoseconds(1))
    let process: ChildProcess
    do throws(SystemError) {
      process = try ChildProcess(
        "/proc/self/exe", ["omnibus", ProbeCommand.name, path],
        settings: ["SWIFT_BACKTRACE": "enable=no"], reportDescriptor: ProbeCommand.reportDescriptor)
    } catch {
      throw LibraryProblem("cannot be tried out: \(error)")
    }
    let (report, errors) = process.collect(limit: maxOutput, until: deadline)
    switch process.end(by: deadline) {
    case .late: throw LibraryProblem("does not come to an end of its entry point within \(limit.text)")
    case .signal(let signal):
      throw LibraryProblem("crashes when it is opened: \(name(of: signal))\(lastWords(errors))")
    case .code(0): break
    case .code(let code):
      throw LibraryProblem("ends the program when it is opened, with exit code \(code)\(lastWords(errors))")
    }
    if let contents = LibraryContents(report) { return contents }
    let problem = try? JSONDocument(parsing: report).root
    throw LibraryProblem(
      problem?.member("problem")?.string ?? "ends the program when it is opened, without a word",
      help: problem?.member("help")?.string)
  }

  private static func name(of signal: Int32) -> String {
    strsignal(signal).map { String(cString: $0).lowercased() } ?? "signal \(signal)"
  }

  /// The line in which Swift says why it ends a program, or else the first.
  private static func lastWords(_ output: [UInt8]) -> String {
    let lines = String(decoding: output.prefix(4096), as: UTF8.self).split(whereSeparator: \.isNewline)
    let line = lines.first { $0.contains("Fatal error") } ?? lines.first
    return line.map { ": \(LogText.line(String($0.prefix(300))))" } ?? ""
  }
}
