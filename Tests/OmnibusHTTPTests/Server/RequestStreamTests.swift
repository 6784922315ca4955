import Omnibus
import Synchronization
import Testing

@testable import OmnibusHTTP

@Suite(.timeLimit(.minutes(5))) struct RequestStreamTests {
  private static let head = "POST /collect HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"

  /// Says how reading its body ended.
  private final class Collector: Sendable {
    let begun = Gate()
    let ended = Gate()
    let reason = Mutex<String?>(nil)

    var endpoint: HTTPEndpoint {
      get throws {
        HTTPEndpoint(method: "POST", path: try PathPattern("/collect"), streamsBody: true) { [self] request in
          guard case .stream(let stream) = request.body else { return HTTPResponse(status: 500) }
          do {
            while try await stream.next() != nil { begun.open() }
          } catch {
            reason.withLock { $0 = Failure(error).reason }
          }
          ended.open()
          return HTTPResponse(status: 200)
        }
      }
    }
  }

  @Test("a reader that waits is woken when its task is cancelled, and when it was before")
  func cancel() async throws {
    for _ in 0..<100 {
      let stream = RequestStream {}
      let reader = Task { try await stream.next() }
      reader.cancel()
      await #expect(throws: Failure.self) { try await reader.value }
      // What is there is read all the same, and nobody is left behind to take it.
      stream.push([1])
      #expect(try await stream.next() == [1])
    }
  }

  @Test("a handler that waits for its body is woken when the client is gone", arguments: [false, true])
  func clientGone(_ isReset: Bool) async throws {
    let collector = Collector()
    let server = try TestServer([try collector.endpoint])
    try await server.talk { client in
      if isReset { client.resetWhenClosed() }
      try client.send(Self.head)
      _ = client.hasInput(within: 0)
    }
    await collector.ended.wait()
    #expect(collector.reason.withLock { $0 } == "the client closed the connection in the body")
  }

  @Test("a handler that waits for its body is woken when its endpoint is taken away without grace")
  func removed() async throws {
    let collector = Collector()
    let server = try TestServer()
    let registration = server.listener.add(try collector.endpoint)
    async let status = server.talk { client in
      try client.send(Self.head)
      return try client.response()?.status
    }
    await collector.begun.wait()
    let removal = Task { await server.listener.remove(registration) }
    removal.cancel()
    await removal.value
    await collector.ended.wait()
    #expect(collector.reason.withLock { $0 } == "the route ended while the body was being read")
    #expect(try await status == 200)
  }

  @Test("a body that is being collected is refused when its endpoint is taken away without grace")
  func removedCollecting() async throws {
    let server = try TestServer()
    let registration = server.listener.add(
      HTTPEndpoint(method: "POST", path: try PathPattern("/collect")) { _ in HTTPResponse(status: 200) })
    let status = try await server.talk { client in
      try client.send("POST /collect HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n")
      // The request has begun once this is answered.
      #expect(try client.response()?.status == 100)
      let removal = Task { await server.listener.remove(registration) }
      removal.cancel()
      return try client.response()?.status
    }
    #expect(status == 503)
  }

  @Test("a body that comes byte by byte is held in few pieces")
  func smallPieces() async throws {
    let stream = RequestStream {}
    for _ in 0..<100_000 { stream.push([0x61]) }
    #expect(stream.pieceCount < 10)
    stream.finish()
    #expect(try await stream.next()?.count == 100_000)
    #expect(try await stream.next() == nil)
  }
}
