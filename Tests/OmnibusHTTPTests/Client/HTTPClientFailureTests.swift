import Omnibus
import OmnibusReactor
import Synchronization
import Testing

@testable import OmnibusHTTP

@Suite("HTTP client, with peers that misbehave")
struct HTTPClientFailureTests {
  let reactors: ReactorGroup
  let client: HTTPClient

  init() throws {
    reactors = try ReactorGroup(count: 1)
    client = HTTPClient(reactors: reactors)
  }

  @Test("nobody listens")
  func refused() async throws {
    let peer = try RawPeer { _ in }
    peer.stop()
    let failure = await failed { try await client.send(HTTPClientRequest(url: peer.url())) }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.reason == "could not connect: connection refused")
  }

  @Test("a name that does not exist")
  func unknownName() async throws {
    let failure = await failed { try await client.send(HTTPClientRequest(url: "http://nowhere.invalid/")) }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.reason == "the host's name could not be resolved")
  }

  @Test(
    "silence is a time-out, and an unknown outcome where the method is not idempotent",
    arguments: [
      ("GET", Failure.Kind.timeout), ("PUT", .timeout), ("POST", .outcomeUnknown), ("PATCH", .outcomeUnknown),
    ])
  func silence(method: String, kind: Failure.Kind) async throws {
    let peer = try RawPeer { $0.waitForEnd() }
    let failure = await failed {
      try await client.send(HTTPClientRequest(method: method, url: peer.url(), timeout: .milliseconds(50)))
    }
    #expect(failure?.kind == kind)
    #expect(failure?.reason == "no answer within 50ms")
  }

  @Test(
    "a connection that is closed after the request",
    arguments: [("GET", Failure.Kind.unavailable), ("POST", .outcomeUnknown)])
  func closedEarly(method: String, kind: Failure.Kind) async throws {
    let peer = try RawPeer { _ = $0.readHead() }
    let failure = await failed { try await client.send(HTTPClientRequest(method: method, url: peer.url())) }
    #expect(failure?.kind == kind)
  }

  @Test("a kept connection that breaks: GET is sent again, POST is not")
  func brokenReuse() async throws {
    for method in ["GET", "POST"] {
      let requests = Mutex(0)
      let peer = try RawPeer { connection in
        guard connection.readHead() != nil else { return }
        requests.withLock { $0 += 1 }
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        if connection.readHead() != nil { requests.withLock { $0 += 1 } }
      }
      _ = try await client.send(HTTPClientRequest(method: method, url: peer.url()))
      // It goes out on the same connection, which the peer closes without an answer.
      let second = await failed { try await client.send(HTTPClientRequest(method: method, url: peer.url())) }
      #expect(second?.kind == (method == "GET" ? nil : .outcomeUnknown))
      #expect(requests.withLock { $0 } == (method == "GET" ? 3 : 2))
    }
  }

  @Test(
    "half an answer",
    arguments: [
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf", "HTTP/1.1 200 OK\r\nContent-Le",
    ])
  func halfAnAnswer(answer: String) async throws {
    let peer = try RawPeer { connection in
      _ = connection.readHead()
      connection.write(answer)
    }
    #expect(await failed { try await client.send(HTTPClientRequest(url: peer.url())) }?.kind == .unavailable)
    let post = await failed { try await client.send(HTTPClientRequest(method: "POST", url: peer.url())) }
    #expect(post?.kind == .outcomeUnknown)
  }

  @Test(
    "garbage instead of HTTP",
    arguments: [
      "SSH-2.0-OpenSSH_9.2\r\n", "\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    ])
  func garbage(answer: String) async throws {
    let peer = try RawPeer { connection in
      _ = connection.readHead()
      connection.write(answer)
    }
    let failure = await failed { try await client.send(HTTPClientRequest(url: peer.url())) }
    #expect(failure?.kind == .unavailable, "\(String(describing: failure))")
    let post = await failed { try await client.send(HTTPClientRequest(method: "POST", url: peer.url())) }
    #expect(post?.kind == .outcomeUnknown, "\(String(describing: post))")
  }

  @Test(
    "an answer that is too large is refused before it is held",
    arguments: ["Content-Length: 2000", "Transfer-Encoding: chunked", "X-No-Length: 1"])
  func tooLarge(framing: String) async throws {
    let peer = try RawPeer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\n\(framing)\r\n\r\n")
      while connection.write("400\r\n" + String(repeating: "x", count: 1024) + "\r\n") {}
    }
    let failure = await failed { try await client.send(HTTPClientRequest(url: peer.url(), maxResponse: 1024)) }
    #expect(failure?.kind == .invalid)
    #expect(failure?.reason == "the answer is larger than 1KiB")
  }

  @Test("a head without end is refused")
  func endlessHead() async throws {
    let peer = try RawPeer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\n")
      while connection.write("X-Filler: 0123456789012345678901234567890123456789\r\n") {}
    }
    let failure = await failed { try await client.send(HTTPClientRequest(url: peer.url())) }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.reason == "the answer's head is larger than expected")
    let post = await failed { try await client.send(HTTPClientRequest(method: "POST", url: peer.url())) }
    #expect(post?.kind == .outcomeUnknown)
    #expect(post?.reason == failure?.reason)
  }

  @Test("plain HTTP where TLS is expected")
  func noTLS() async throws {
    let peer = try RawPeer { connection in
      connection.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
      connection.waitForEnd()
    }
    let url = "https://127.0.0.1:\(peer.port)/"
    let failure = await failed { try await client.send(HTTPClientRequest(method: "POST", url: url)) }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.reason.hasPrefix("no secure connection: ") == true)
  }

  @Test("a cancelled task aborts its request")
  func cancel() async throws {
    let (ended, end) = AsyncStream<Void>.makeStream()
    let (arrived, arrive) = AsyncStream<Void>.makeStream()
    let peer = try RawPeer { connection in
      _ = connection.readHead()
      arrive.finish()
      connection.waitForEnd()
      end.finish()
    }
    let task = Task { await failed { try await client.send(HTTPClientRequest(url: peer.url())) } }
    for await _ in arrived {}
    task.cancel()
    #expect(await task.value?.kind == .cancelled)
    for await _ in ended {}
  }

  @Test("a task that is cancelled already sends nothing")
  func cancelledBefore() async throws {
    let peer = try RawPeer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await failed { try await client.send(HTTPClientRequest(url: peer.url())) }
    }
    #expect(await task.value?.kind == .cancelled)
  }
}
