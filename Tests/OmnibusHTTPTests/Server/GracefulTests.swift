import Omnibus
import OmnibusHTTP
import OmnibusReactor
import OmnibusTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct GracefulTests {
  private static let slow = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"

  /// An endpoint that says when it has begun and waits until it may end.
  private func slowEndpoint(_ begun: Gate, _ gate: Gate) throws -> HTTPEndpoint {
    HTTPEndpoint(method: "GET", path: try PathPattern("/slow")) { _ in
      begun.open()
      await gate.wait()
      return HTTPResponse(status: 200, body: .bytes(Array("done".utf8)))
    }
  }

  @Test("closing waits for the request under way, whose answer says that the connection ends")
  func close() async throws {
    let (begun, gate) = (Gate(), Gate())
    let server = try TestServer([try slowEndpoint(begun, gate)])
    async let answer = server.talk { client in
      try client.send(Self.slow)
      let response = try client.response()
      #expect(try client.isClosed())
      return response
    }
    await begun.wait()
    async let closed: Void = server.listener.close()
    // An idle connection cannot be had any more: the listener is gone.
    while (try? await server.talk({ try $0.response() })) != nil {}
    gate.open()
    #expect(try await answer?.fields["connection"] == "close")
    #expect(try await answer?.body == "done")
    await closed
  }

  @Test("when it is to be secure in another way, connections of before read no further request")
  func otherTerms() async throws {
    let authority = try TestAuthority()
    let identity = try authority.issue("server", names: "DNS:localhost")
    let tls = try TLSServer(TLSServerConfiguration(identities: [identity]))
    let (begun, gate) = (Gate(), Gate())
    let server = try TestServer([try slowEndpoint(begun, gate)])
    let ready = (0..<2).map { _ in Gate() }
    async let answering = server.talk { client in
      try client.send(Self.slow + "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
      let response = try client.response()
      return (response, try client.rest())
    }
    // What is idle, and what has begun a header, which are closed at once.
    let beginnings = ["", "GET /hello HTTP/1.1\r\n"]
    async let isolated = withThrowingTaskGroup(of: Bool.self) { group in
      for (beginning, ready) in zip(beginnings, ready) {
        group.addTask {
          try await server.talk { client in
            try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n" + beginning)
            let isAnswered = try client.response()?.status == 200
            ready.open()
            return isAnswered && client.isBroken()
          }
        }
      }
      return try await group.reduce(true) { $0 && $1 }
    }
    await begun.wait()
    for one in ready { await one.wait() }
    #expect(server.listener.secure(tls) === tls)
    #expect(try await isolated)
    gate.open()
    let (response, rest) = try await answering
    #expect(response?.body == "done")
    #expect(response?.fields["connection"] == "close")
    #expect(rest.isEmpty)
    // The same again changes nothing.
    #expect(server.listener.secure(try TLSServer(tls.configuration)) === tls)
    let trust = TLSClientConfiguration(authorities: authority.certificate)
    let url = "https://localhost:\(server.listener.port)/hello"
    #expect(
      try await HTTPClient(reactors: server.reactors).send(HTTPClientRequest(url: url, tls: trust)).status == 200)
  }

  @Test("an address can be had again while the one who had it closes")
  func reopen() async throws {
    let server = try TestServer()
    let address = server.listener.address
    await server.listener.close()
    for _ in 0..<200 {
      let listener = try HTTPListener.open(address, reactors: server.reactors)
      let closing = Task.detached { await listener.close() }
      let next = try HTTPListener.open(address, reactors: server.reactors)
      await next.close()
      await closing.value
    }
  }

  @Test("closing ends idle connections at once")
  func idle() async throws {
    let server = try TestServer()
    let ready = Gate()
    async let closed = server.talk { client in
      try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
      _ = try client.response()
      ready.open()
      return try client.isClosed()
    }
    await ready.wait()
    await server.listener.close()
    #expect(try await closed)
  }

  @Test("cancelling a close gives up the requests under way")
  func cancel() async throws {
    let (begun, gate) = (Gate(), Gate())
    let server = try TestServer([try slowEndpoint(begun, gate)])
    async let broken = server.talk { client in
      try client.send(Self.slow)
      return client.isBroken()
    }
    await begun.wait()
    let closing = Task { await server.listener.close() }
    closing.cancel()
    await closing.value
    #expect(try await broken)
    gate.open()
  }

  @Test("an endpoint that is removed is gone at once, and its last request is waited for")
  func remove() async throws {
    let (begun, gate) = (Gate(), Gate())
    let server = try TestServer()
    let registration = server.listener.add(try slowEndpoint(begun, gate))
    async let answer = server.talk { client in
      try client.send(Self.slow)
      return try client.response()
    }
    await begun.wait()
    let removal = Task {
      await server.listener.remove(registration)
      return 1
    }
    // It is served for GET only, so this asks whether it is there without calling it.
    while try await server.statuses("PUT /slow HTTP/1.1\r\nHost: a\r\n\r\n") != [404] { await Task.yield() }
    gate.open()
    #expect(await removal.value == 1)
    #expect(try await answer?.body == "done")
    await server.listener.remove(registration)
  }

  @Test("the newest endpoint of a path wins, and the one before is back when it goes")
  func replace() async throws {
    let server = try TestServer()
    let listener = server.listener
    func endpoint(_ status: Int) throws -> HTTPEndpoint {
      HTTPEndpoint(method: "GET", path: try PathPattern("/version")) { _ in HTTPResponse(status: status) }
    }
    let request = "GET /version HTTP/1.1\r\nHost: a\r\n\r\n"
    let first = listener.add(try endpoint(201))
    #expect(try await server.statuses(request) == [201])
    let second = listener.add(try endpoint(202))
    #expect(try await server.statuses(request) == [202])
    await listener.remove(second)
    #expect(try await server.statuses(request) == [201])
    await listener.remove(first)
    #expect(try await server.statuses(request) == [404])
  }

  @Test("swapping endpoints under load neither refuses nor loses a request")
  func swap() async throws {
    let server = try TestServer()
    let listener = server.listener
    func endpoint() throws -> HTTPEndpoint {
      HTTPEndpoint(method: "GET", path: try PathPattern("/swap")) { _ in HTTPResponse(status: 200) }
    }
    var current = listener.add(try endpoint())
    async let statuses = withThrowingTaskGroup(of: [Int].self) { tasks in
      for _ in 0..<4 {
        tasks.addTask {
          try await server.talk { client in
            try (0..<300).compactMap { _ in
              try client.send("GET /swap HTTP/1.1\r\nHost: a\r\n\r\n")
              return try client.response()?.status
            }
          }
        }
      }
      return try await tasks.reduce(into: []) { $0 += $1 }
    }
    for _ in 0..<100 {
      let next = listener.add(try endpoint())
      await listener.remove(current)
      current = next
    }
    #expect(try await statuses == [Int](repeating: 200, count: 1200))
  }

  @Test("an address is shared by all who open it, and closed by the last")
  func share() async throws {
    let server = try TestServer()
    let again = try HTTPListener.open(server.listener.address, reactors: server.reactors)
    #expect(again === server.listener)
    await again.close()
    #expect(try await server.statuses("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n") == [200])
    await server.listener.close()
    let other = try HTTPListener.open(server.listener.address, reactors: server.reactors)
    #expect(other !== server.listener)
    await other.close()
    #expect(throws: SystemError.self) {
      let taken = try TestServer()
      _ = try HTTPListener.open(taken.listener.address, reactors: server.reactors)
    }
  }
}
