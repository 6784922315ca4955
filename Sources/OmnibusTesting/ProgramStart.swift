internal import CReactor
internal import Foundation
internal import Glibc
internal import OmnibusReactor

/// How a program is started: what it is, and which descriptors are its standard ones.
struct ProgramStart {
  let program: String
  let arguments: [String]
  let environment: [String: String]
  let directory: String?
  /// The descriptors that become its own; nil is `/dev/null`.
  let input: Int32?
  let output: Int32
  let errors: Int32?

  /// Read once, since nobody may change the environment while it is read.
  private static let inherited = ProcessInfo.processInfo.environment

  /// Starts it, and answers the number of its process.
  func run() throws(SystemError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    give(input, as: STDIN_FILENO, O_RDONLY, &actions)
    give(output, as: STDOUT_FILENO, O_WRONLY, &actions)
    give(errors, as: STDERR_FILENO, O_WRONLY, &actions)
    omnibus_spawn_close_from(&actions, STDERR_FILENO + 1)
    if let directory { omnibus_spawn_change_directory(&actions, directory) }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The thread that starts it may block signals, and the process may ignore some; both would be inherited.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var argv = ([program] + arguments).map { strdup($0) } + [nil]
    let variables = Self.inherited.merging(environment) { $1 }
    var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in argv + envp { free(text) } }
    var id: pid_t = 0
    let code = posix_spawn(&id, program, &actions, &attributes, &argv, &envp)
    guard code == 0 else { throw SystemError("posix_spawn", code: code) }
    return id
  }

  private func give(
    _ descriptor: Int32?, as standard: Int32, _ mode: Int32, _ actions: inout posix_spawn_file_actions_t
  ) {
    if let descriptor {
      posix_spawn_file_actions_adddup2(&actions, descriptor, standard)
    } else {
      posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", mode, 0)
    }
  }
}
