import Omnibus
import OmnibusReactor
import Synchronization
import Testing

@testable import OmnibusHTTP

@Suite("HTTP client, streaming")
struct HTTPClientStreamTests {
  let reactors: ReactorGroup
  let client: HTTPClient

  init() throws {
    reactors = try ReactorGroup(count: 1)
    client = HTTPClient(reactors: reactors)
  }

  @Test(
    "a large body streams out and back through a peer that echoes, and little of it is under way at a time",
    arguments: [true, false])
  func echo(hasLength: Bool) async throws {
    let total = 32 << 20
    let taken = Mutex(0)
    let peer = try RawPeer(bufferSize: 64 << 10) { connection in
      guard let head = connection.readHead() else { return }
      #expect(head.contains("Transfer-Encoding: chunked") != hasLength)
      connection.write("HTTP/1.1 200 OK\r\n\r\n")
      var left = hasLength ? total : Int.max
      while left > 0, let piece = connection.readSome() {
        left -= piece.count
        taken.withLock { $0 += piece.count }
        guard connection.write(piece) else { return }
        // The end of chunked framing.
        if !hasLength, piece.suffix(5) == Array("0\r\n\r\n".utf8)[...] { return }
      }
    }
    let offset = Mutex(0)
    let mostUnderWay = Mutex(0)
    let body = BodyStream(length: hasLength ? total : nil) {
      let start = offset.withLock { offset in
        defer { offset += 64 << 10 }
        return offset
      }
      let underWay = start - taken.withLock { $0 }
      mostUnderWay.withLock { $0 = max($0, underWay) }
      return start < total ? [UInt8](repeating: UInt8(truncatingIfNeeded: start >> 16), count: 64 << 10) : nil
    }
    let response = try await client.send(
      HTTPClientRequest(method: "POST", url: peer.url(), content: .stream(body), wantsStream: true))
    guard case .stream(let stream) = response.body else {
      Issue.record("expected a stream")
      return
    }
    var count = 0
    while let piece = try await stream.next() { count += piece.count }
    #expect(hasLength ? count == total : count > total)
    // What the client's socket holds in the kernel, 4 MiB at the most, and little more: nobody holds the body.
    #expect(mostUnderWay.withLock { $0 } < 8 << 20)
  }

  @Test("a reader that stops reading stops the peer, and goes on where it was")
  func backPressure() async throws {
    let sent = Mutex(0)
    let total = 64 << 20
    let peer = try RawPeer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
      let piece = [UInt8](repeating: 1, count: 1 << 20)
      for _ in 0..<total >> 20 {
        guard connection.write(piece) else { return }
        sent.withLock { $0 += piece.count }
      }
    }
    let response = try await client.send(HTTPClientRequest(url: peer.url(), wantsStream: true))
    guard case .stream(let stream) = response.body else {
      Issue.record("expected a stream")
      return
    }
    #expect(stream.length == total)
    var count = try await stream.next()?.count ?? 0
    // Requests on the same reactor go through meanwhile; each is a turn in which the peer could have been read from.
    let other = try RawPeer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    for _ in 0..<200 { _ = try await client.send(HTTPClientRequest(url: other.url())) }
    #expect(sent.withLock { $0 } < total / 2)
    while let piece = try await stream.next() { count += piece.count }
    #expect(count == total)
  }

  @Test("an answer that breaks off breaks its stream")
  func brokenAnswer() async throws {
    let peer = try RawPeer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    }
    let response = try await client.send(HTTPClientRequest(url: peer.url(), wantsStream: true))
    guard case .stream(let stream) = response.body else {
      Issue.record("expected a stream")
      return
    }
    #expect(try await stream.next() == Array("half".utf8))
    let failure = await failed { try await stream.next() }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.reason == "the answer broke off")
  }

  @Test("a request stream that breaks aborts the request")
  func brokenRequest() async throws {
    let (ended, end) = AsyncStream<[UInt8]>.makeStream()
    let peer = try RawPeer { connection in
      _ = connection.readHead()
      var all: [UInt8] = []
      while let piece = connection.readSome() { all += piece }
      end.yield(all)
      end.finish()
    }
    let isFirst = Mutex(true)
    let body = BodyStream {
      guard
        isFirst.withLock({ isFirst in
          defer { isFirst = false }; return isFirst
        })
      else {
        throw Failure(.invalid, "the file is cut")
      }
      return Array("piece".utf8)
    }
    let failure = await failed {
      try await client.send(HTTPClientRequest(method: "POST", url: peer.url(), content: .stream(body)))
    }
    #expect(failure?.kind == .invalid)
    #expect(failure?.reason == "the file is cut")
    // The peer sees an end without the last chunk.
    for await all in ended { #expect(!all.contains(Array("0\r\n\r\n".utf8))) }
  }

  @Test("a stream that is shorter or longer than it said", arguments: [3, 30])
  func wrongLength(size: Int) async throws {
    let peer = try RawPeer { $0.waitForEnd() }
    let isFirst = Mutex(true)
    let body = BodyStream(length: 10) {
      isFirst.withLock { isFirst in
        defer { isFirst = false }
        return isFirst ? [UInt8](repeating: 1, count: size) : nil
      }
    }
    let failure = await failed {
      try await client.send(HTTPClientRequest(method: "PUT", url: peer.url(), content: .stream(body)))
    }
    #expect(failure?.kind == .invalid)
  }

  @Test("an answer may come while the request is still being sent")
  func earlyAnswer() async throws {
    let peer = try RawPeer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
      connection.waitForEnd()
    }
    let body = BodyStream { [UInt8](repeating: 1, count: 1024) }
    let response = try await client.send(HTTPClientRequest(method: "POST", url: peer.url(), content: .stream(body)))
    #expect(response.status == 413)
  }

  @Test("an answer that nobody reads is given up")
  func abandoned() async throws {
    let (ended, end) = AsyncStream<Void>.makeStream()
    let peer = try RawPeer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
      while connection.write([UInt8](repeating: 1, count: 1 << 20)) {}
      end.finish()
    }
    do {
      let response = try await client.send(HTTPClientRequest(url: peer.url(), wantsStream: true))
      #expect(response.status == 200)
    }
    for await _ in ended {}
  }

  @Test("silence in the middle of a stream ends it")
  func silence() async throws {
    let peer = try RawPeer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
      connection.waitForEnd()
    }
    let response = try await client.send(HTTPClientRequest(url: peer.url(), timeout: .seconds(1), wantsStream: true))
    guard case .stream(let stream) = response.body else {
      Issue.record("expected a stream")
      return
    }
    _ = try await stream.next()
    #expect(await failed { try await stream.next() }?.kind == .timeout)
  }
}
