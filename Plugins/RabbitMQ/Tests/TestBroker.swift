import Omnibus
import OmnibusTesting
import Synchronization

@testable import RabbitMQPlugin

/// The broker that the tests of this folder share, with TLS.
enum TestBroker {
  static let isInstalled = RabbitMQServer.isInstalled
  private static let otherStarted = Mutex<Task<RabbitMQServer, any Error>?>(nil)
  private static let started = Mutex<Task<(RabbitMQServer, TestAuthority), any Error>?>(nil)

  /// The broker; it is started when it is first asked for.
  static var server: RabbitMQServer { get async throws { try await both.0 } }
  /// Another broker, for tests that follow each other and trouble it as a whole; each leaves it as it was.
  static var troubled: RabbitMQServer {
    get async throws {
      let task = otherStarted.withLock { started in
        let task = started ?? Task { try await RabbitMQServer() }
        started = task
        return task
      }
      return try await task.value
    }
  }
  /// Whose certificates it trusts.
  static var authority: TestAuthority { get async throws { try await both.1 } }

  private static var both: (RabbitMQServer, TestAuthority) {
    get async throws {
      let task = started.withLock { started in
        let task =
          started
          ?? Task {
            let authority = try TestAuthority()
            return (try await RabbitMQServer(authority: authority), authority)
          }
        started = task
        return task
      }
      return try await task.value
    }
  }
}
