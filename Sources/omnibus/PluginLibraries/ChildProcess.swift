internal import CReactor
internal import Glibc
internal import OmnibusReactor

/// A process that reports on a descriptor of its own, and is given a time to end.
struct ChildProcess {
  /// How a process ended.
  enum End {
    case code(Int32)
    case signal(Int32)
    /// It was killed since its time was over.
    case late
  }

  private let id: pid_t
  /// What comes of the report, and of standard output and error.
  private let readers: [Int32]

  /// Starts the program at `path`; `settings` replace variables of the environment. Standard input is empty.
  init(
    _ path: String, _ arguments: [String], settings: [String: String], reportDescriptor: Int32
  ) throws(SystemError) {
    let report = try Pipe()
    let output = try Pipe()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.writer, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output.writer, STDERR_FILENO)
    posix_spawn_file_actions_adddup2(&actions, report.writer, reportDescriptor)
    var argv = arguments.map { strdup($0) } + [nil]
    var environment = Self.environment(settings).map { strdup($0) } + [nil]
    defer { for text in argv + environment { free(text) } }
    var id: pid_t = 0
    let code = posix_spawn(&id, path, &actions, nil, &argv, &environment)
    close(report.writer)
    close(output.writer)
    readers = [report.reader, output.reader]
    self.id = id
    guard code == 0 else {
      for reader in readers { close(reader) }
      throw SystemError("posix_spawn", code: code)
    }
  }

  /// What it writes until it closes both, or until `deadline`; of each at most `limit` bytes.
  func collect(limit: Int, until deadline: UInt64) -> (report: [UInt8], output: [UInt8]) {
    defer { for reader in readers { close(reader) } }
    var collected: [[UInt8]] = [[], []]
    var polled = readers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while polled.contains(where: { $0.fd >= 0 }) {
      let now = MonotonicTime.now
      guard now < deadline else { break }
      let ready = poll(&polled, nfds_t(polled.count), Int32((deadline - now) / 1_000_000 + 1))
      if ready < 0 && errno != EINTR { break }
      guard ready > 0 else { continue }
      for index in polled.indices where polled[index].revents != 0 {
        let count = read(polled[index].fd, &buffer, buffer.count)
        if count <= 0 { polled[index].fd = -1 }
        let room = limit - collected[index].count
        collected[index] += buffer[..<max(0, min(count, room))]
      }
    }
    return (collected[0], collected[1])
  }

  /// Waits for its end; kills it at `deadline`.
  func end(by deadline: UInt64) -> End {
    var status: Int32 = 0
    while waitpid(id, &status, WNOHANG) == 0 {
      guard MonotonicTime.now < deadline else {
        kill(id, SIGKILL)
        while waitpid(id, &status, 0) < 0 && errno == EINTR {}
        return .late
      }
      usleep(500)
    }
    // As wait(2) has it, whose macros Swift does not see.
    return status & 0x7F == 0 ? .code(status >> 8 & 0xFF) : .signal(status & 0x7F)
  }

  /// The variables of this process, those in `settings` replaced.
  private static func environment(_ settings: [String: String]) -> [String] {
    var variables: [String] = []
    var next = omnibus_environment()
    while let variable = next?.pointee {
      let text = String(cString: variable)
      if !settings.keys.contains(where: { text.hasPrefix("\($0)=") }) { variables.append(text) }
      next = next?.advanced(by: 1)
    }
    return variables + settings.map { "\($0.key)=\($0.value)" }
  }

  /// A pipe that other programs do not inherit by themselves.
  private struct Pipe {
    let reader: Int32
    let writer: Int32

    init() throws(SystemError) {
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else { throw SystemError("pipe") }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      (reader, writer) = (ends[0], ends[1])
    }
  }
}
