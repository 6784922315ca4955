internal import Glibc
internal import OmnibusReactor
internal import Synchronization

/// A RabbitMQ node of its own for tests: on free ports, in a folder that goes with it, with an epmd of its own. It can be
/// stopped and killed, and started again with what it had on the disk. A start takes 5 to 10 s, so that a suite shares one.
///
/// ```swift
/// @Test("…", .enabled("skipped: rabbitmq-server is not installed") { RabbitMQServer.isInstalled })
/// ```
public final class RabbitMQServer: Sendable {
  private static let folder = "/usr/lib/rabbitmq/bin"
  /// The user with all rights, and the password.
  public static let user = "guest"
  /// The password of `user`.
  public static let password = "guest"

  /// The port of AMQP without TLS.
  public let port: UInt16
  /// The port of AMQP with TLS; nil where there is none.
  public let securePort: UInt16?
  private let directory = TemporaryDirectory()
  private let ports: [ReservedPort]
  private let environment: [String: String]
  private let node: String
  private let nodeProcess = Mutex<RunningProgram?>(nil)
  /// The node itself: the program is a script in front of it.
  private let noted: NotedProcess
  private let names: RunningProgram

  /// Whether there is a RabbitMQ to start.
  public static var isInstalled: Bool { access("\(folder)/rabbitmq-server", X_OK) == 0 }

  /// Starts a node, with TLS for who shows a certificate of `authority` where it is given. `settings` are further lines of
  /// its `rabbitmq.conf`.
  public init(authority: TestAuthority? = nil, settings: [String] = []) async throws {
    ports = (0..<4).map { _ in ReservedPort() }
    port = ports[0].number
    securePort = authority == nil ? nil : ports[3].number
    node = "omnibus\(port)@localhost"
    let path = directory.path
    var configuration =
      [
        "listeners.tcp.default = 127.0.0.1:\(port)", "loopback_users = none", "log.console = false",
        "log.file.level = warning",
      ] + settings
    if let authority {
      let identity = try authority.issue("broker", names: "DNS:localhost,IP:127.0.0.1")
      configuration += [
        "listeners.ssl.default = 127.0.0.1:\(ports[3].number)", "ssl_options.cacertfile = \(authority.certificate)",
        "ssl_options.certfile = \(identity.certificate)", "ssl_options.keyfile = \(identity.key)",
        "ssl_options.verify = verify_peer", "ssl_options.fail_if_no_peer_cert = true",
      ]
    }
    directory.write("rabbitmq.conf", configuration.map { $0 + "\n" }.joined())
    directory.write("enabled_plugins", "[].")
    directory.write("home/.erlang.cookie", "OMNIBUSTESTS")
    chmod("\(path)/home/.erlang.cookie", 0o400)
    for folder in ["mnesia", "log"] { directory.write("\(folder)/.keep", "") }
    noted = NotedProcess(variable: "RABBITMQ_PID_FILE", file: "\(path)/pid")
    environment = [
      "HOME": "\(path)/home", "RABBITMQ_NODENAME": node, "RABBITMQ_MNESIA_BASE": "\(path)/mnesia",
      "RABBITMQ_LOG_BASE": "\(path)/log", "RABBITMQ_CONFIG_FILE": "\(path)/rabbitmq",
      "RABBITMQ_ENABLED_PLUGINS_FILE": "\(path)/enabled_plugins", noted.variable: noted.file,
      "RABBITMQ_CONF_ENV_FILE": "/dev/null", "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": "\(ports[1].number)",
      "RABBITMQ_DIST_PORT": "\(ports[2].number)",
    ]
    // Else the node starts one that outlives it. When the tests have ended, whatever ended them, the folder goes, too: a
    // server that they share is held to the end, so nobody else would see to it.
    let clean = "\(noted.killScript); cd /; rm -rf \(path); sleep 1; rm -rf \(path)"
    names = try RunningProgram(
      "/bin/sh", ["-c", "exec 3<&0; (cat <&3; kill -9 $$; \(clean)) >/dev/null 2>&1 & exec /usr/bin/epmd 3<&-"],
      environment: environment, directory: path)
    try await start()
  }

  deinit { if nodeProcess.withLock({ $0 }) != nil { noted.signal(SIGKILL) } }

  /// `amqp://127.0.0.1:port`.
  public var url: String { "amqp://127.0.0.1:\(port)" }
  /// `amqps://localhost:port`, where it has TLS.
  public var secureURL: String { "amqps://localhost:\(securePort ?? 0)" }

  /// Starts it, and waits until it takes connections.
  public func start() async throws {
    // The node ends with the tests, too, whatever ends them: they alone can write to what the shell waits for.
    let process = try RunningProgram(
      "/bin/sh",
      ["-c", "exec 3<&0; (cat <&3; \(noted.killScript)) >/dev/null 2>&1 & exec \(Self.folder)/rabbitmq-server 3<&-"],
      environment: environment, directory: directory.path)
    nodeProcess.withLock { $0 = process }
    let isThere = try await eventually(within: .seconds(300)) { self.answers || !process.isRunning }
    guard isThere, answers else { throw NotStarted(output: process.output) }
  }

  /// Stops it in order: clients are told, and what is durable is on the disk.
  public func stop() async throws {
    noted.signal(SIGTERM)
    try await waitForEnd()
  }

  /// Ends it at once, as a loss of power does.
  public func kill() async throws {
    noted.signal(SIGKILL)
    try await waitForEnd()
  }

  /// Halts it, so that it says nothing and its connections stand.
  public func freeze() { noted.signal(SIGSTOP) }

  /// Lets it go on.
  public func thaw() { noted.signal(SIGCONT) }

  private func waitForEnd() async throws {
    guard let process = nodeProcess.withLock({ $0 }) else { return }
    guard try await process.end(within: .seconds(180)) != nil else { throw NotEnded() }
    // Its number may be another's soon.
    remove(noted.file)
    nodeProcess.withLock { $0 = nil }
  }

  /// Runs `rabbitmqctl` with arguments, and gives what it wrote.
  @discardableResult
  public func control(_ arguments: String...) async throws -> String {
    let program = try RunningProgram(
      "\(Self.folder)/rabbitmqctl", ["--quiet", "-n", node] + arguments, environment: environment,
      directory: directory.path, input: .nothing)
    guard try await program.end(within: .seconds(180)) == 0 else { throw NotStarted(output: program.output) }
    return program.output
  }

  /// Whether it greets a client: a connection alone may be taken by a node that is only about to start.
  private var answers: Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    let greeting: [UInt8] = Array("AMQP".utf8) + [0, 0, 9, 1]
    var answer = [UInt8](repeating: 0, count: 8)
    return isConnected && send(descriptor, greeting, 8, Int32(MSG_NOSIGNAL)) == 8 && recv(descriptor, &answer, 8, 0) > 0
  }

  /// A node that was told to end, and goes on.
  public struct NotEnded: Error {}

  /// A program of RabbitMQ that has failed.
  public struct NotStarted: Error {
    /// What it wrote.
    public let output: String
  }
}
