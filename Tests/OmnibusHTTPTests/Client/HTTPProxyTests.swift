import Glibc
import Omnibus
import OmnibusReactor
import Synchronization
import Testing

@testable import OmnibusHTTP

@Suite("HTTP client, proxies", .serialized)
struct HTTPProxyTests {
  private let client: HTTPClient

  init() throws { client = HTTPClient(reactors: try ReactorGroup(count: 1)) }

  @Test("a request for http goes to the proxy with its whole address, and logs in")
  func plain() async throws {
    let seen = Mutex<[String]>([])
    let proxy = try RawPeer { connection in
      while let head = connection.readHead() {
        seen.withLock { $0.append(head) }
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
      }
    }
    let server = HTTPProxy.Server(url: "http://127.0.0.1:\(proxy.port)", user: "bus", password: "ge:heim")
    let request = HTTPClientRequest(url: "http://upstream.example/path?q", proxy: .server(server))
    #expect(try await client.send(request).status == 200)
    let head = try #require(seen.withLock { $0.first })
    #expect(head.hasPrefix("GET http://upstream.example/path?q HTTP/1.1\r\n"))
    #expect(head.contains("Proxy-Authorization: Basic \(Base64.encode(Array("bus:ge:heim".utf8)))\r\n"))
    // The next request of the same handle goes without, and where it is named as an exception.
    let direct = try RawPeer.answering("HTTP/1.1 204 No Content\r\n\r\n")
    #expect(try await client.send(HTTPClientRequest(url: direct.url())).status == 204)
    let excepted = HTTPProxy.Server(url: "http://127.0.0.1:\(proxy.port)", except: ["10.0.0.0/8", "127.0.0.1"])
    #expect(try await client.send(HTTPClientRequest(url: direct.url(), proxy: .server(excepted))).status == 204)
    #expect(seen.withLock { $0.count } == 1)
    proxy.stop()
    direct.stop()
  }

  @Test(
    "a tunnel that the proxy refuses is a failure before anything was sent",
    arguments: [(407, .unauthorized), (403, .unauthorized), (502, .unavailable)] as [(Int, Failure.Kind)])
  func refused(status: Int, kind: Failure.Kind) async throws {
    let seen = Mutex("")
    let proxy = try RawPeer { connection in
      guard let head = connection.readHead() else { return }
      seen.withLock { $0 = head }
      connection.write("HTTP/1.1 \(status) No\r\nContent-Length: 0\r\n\r\n")
    }
    let server = HTTPProxy.Server(url: "http://127.0.0.1:\(proxy.port)")
    let failure = await failed {
      try await client.send(
        HTTPClientRequest(
          method: "POST", url: "https://upstream.example/", headers: ["x-secret": "geheim"],
          content: .bytes([1]), proxy: .server(server)))
    }
    #expect(failure?.kind == kind)
    #expect(failure?.reason == "the proxy answered \(status)")
    #expect(seen.withLock { $0 }.hasPrefix("CONNECT upstream.example:443 HTTP/1.1\r\n"))
    #expect(!seen.withLock { $0 }.contains("geheim"))
    proxy.stop()
  }

  @Test("a proxy that is not there is not available")
  func gone() async throws {
    let proxy = try RawPeer { _ in }
    proxy.stop()
    let server = HTTPProxy.Server(url: "http://127.0.0.1:1")
    let failure = await failed {
      try await client.send(HTTPClientRequest(url: "http://upstream.example/", proxy: .server(server)))
    }
    #expect(failure?.kind == .unavailable)
    let unknown = await failed {
      try await client.send(
        HTTPClientRequest(
          url: "http://upstream.example/", proxy: .server(HTTPProxy.Server(url: "http://proxy.invalid:3128"))))
    }
    #expect(unknown?.reason == "the proxy's name could not be resolved")
  }

  @Test("the environment says where a proxy is only to those who ask it")
  func environment() async throws {
    let proxy = try RawPeer.answering("HTTP/1.1 299 Proxy\r\nContent-Length: 0\r\n\r\n")
    let direct = try RawPeer.answering("HTTP/1.1 204 No Content\r\n\r\n")
    setenv("http_proxy", "http://127.0.0.1:\(proxy.port)", 1)
    defer { unsetenv("http_proxy") }
    #expect(try await client.send(HTTPClientRequest(url: direct.url())).status == 204)
    #expect(try await client.send(HTTPClientRequest(url: direct.url(), proxy: .environment)).status == 299)
    proxy.stop()
    direct.stop()
  }
}
