import Logging
import Omnibus
import OmnibusAdmin
import OmnibusEngine
import OmnibusHTTP
import OmnibusReactor
import OmnibusTesting
import Testing

struct TelemetryServerTests {
  private let clock = ManualClock()
  private let context = Context.testing()

  /// A server whose `/health/ready` answers when `body` does.
  private func start(_ body: @escaping @Sendable () async -> Void) async throws -> TelemetryServer {
    let environment = EngineEnvironment(
      reactors: context.reactors, blocking: context.blocking, clock: clock,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let health = Health(reactors: context.reactors, clock: clock) {
      await body()
      return []
    }
    return try await TelemetryServer.start(
      "127.0.0.1:0", metrics: MetricsPage(Metrics(), version: "0.0.0", blocking: context.blocking), health: health,
      environment: environment)
  }

  private func ask(_ server: TelemetryServer) -> Task<Int, any Error> {
    let client = HTTPClient(reactors: context.reactors)
    return Task {
      try await client.send(
        HTTPClientRequest(method: "GET", url: "http://127.0.0.1:\(server.port)/health/ready", headers: Headers())
      ).status
    }
  }

  @Test func `its end waits for a request that is under way`() async throws {
    let (begun, release) = (Recorder<Bool>(), StopSignal())
    let server = try await start {
      begun.append(true)
      await release.wait()
    }
    let answer = ask(server)
    await begun.wait(for: 1)
    let end = Task { await server.stop() }
    await clock.waitForTimers()
    release.signal()
    #expect(try await answer.value == 200)
    await end.value
    #expect(clock.timers == 0)
  }

  @Test func `its end does not wait longer than five seconds for one that is never answered`() async throws {
    let (begun, never) = (Recorder<Bool>(), StopSignal())
    let server = try await start {
      begun.append(true)
      await never.wait()
    }
    let answer = ask(server)
    await begun.wait(for: 1)
    let ended = Recorder<Bool>()
    let end = Task {
      await server.stop()
      ended.append(true)
    }
    await clock.waitForTimers()
    clock.advance(by: .milliseconds(4999))
    #expect(ended.all.isEmpty)
    clock.advance(by: .milliseconds(1))
    await end.value
    never.signal()
    _ = try? await answer.value
  }
}
