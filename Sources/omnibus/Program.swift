internal import ArgumentParser
internal import Dispatch
internal import Glibc

/// Where the process begins.
@main
enum Program {
  /// Runs the command beside the main thread. What had to come back to that one would wait for ever once a library of a
  /// plugin brings all of Foundation, which takes the main queue for itself.
  static func main() {
    Task.detached {
      do {
        var command = try OmnibusCommand.parseAsRoot()
        if var waiting = command as? any AsyncParsableCommand { try await waiting.run() } else { try command.run() }
        end(0)
      } catch {
        let code = OmnibusCommand.exitCode(for: error)
        let text = OmnibusCommand.fullMessage(for: error)
        if !text.isEmpty { Terminal.write("\(text)\n", to: code.isSuccess ? STDOUT_FILENO : STDERR_FILENO) }
        end(code.rawValue)
      }
    }
    dispatchMain()
  }

  /// Ends the process with what was written. Libraries of other languages are not taken down before: threads may be at
  /// work in them, after a start that failed for one.
  static func end(_ status: Int32) -> Never {
    fflush(nil)
    _exit(status)
  }
}
