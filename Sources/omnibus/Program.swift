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
      await OmnibusCommand.main()
      exit(0)
    }
    dispatchMain()
  }
}
