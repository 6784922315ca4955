import CCurl
import Foundation
import Omnibus
import OmnibusReactor
import OmnibusTesting
import Testing

@testable import OmnibusHTTP

@Suite("HTTP client, TLS", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
struct HTTPClientTLSTests {
  @Test("a certificate is verified: by the file that is given, against the name that was asked for")
  func verification() async throws {
    let folder = TemporaryDirectory()
    let (certificate, key) = ("\(folder.path)/cert.pem", "\(folder.path)/key.pem")
    let made = try openssl([
      "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj",
      "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
    ])
    try #require(try await made.end() == 0)
    let server = try openssl(["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www"])
    defer { server.signal(SIGTERM) }
    let port = try #require(try await acceptedPort(server))

    let client = HTTPClient(reactors: try ReactorGroup(count: 1))
    let trusted = HTTPClientRequest(url: "https://localhost:\(port)/", tls: .init(authorities: certificate))
    #expect(try await client.send(trusted).status == 200)
    let unknown = await failed { try await client.send(HTTPClientRequest(url: "https://localhost:\(port)/")) }
    #expect(unknown?.kind == .unavailable)
    #expect(unknown?.reason.hasPrefix("no secure connection: ") == true)
    let otherName = HTTPClientRequest(url: "https://127.0.0.1:\(port)/", tls: .init(authorities: certificate))
    #expect(await failed { try await client.send(otherName) }?.reason.hasPrefix("no secure connection: ") == true)
    let noFile = HTTPClientRequest(url: "https://localhost:\(port)/", tls: .init(authorities: "/nonexistent.pem"))
    #expect(await failed { try await client.send(noFile) }?.reason.hasPrefix("no secure connection: ") == true)
  }

  @Test("with authorities of its own a request trusts none of those in the folder that libcurl has from its build")
  func folder() async throws {
    let (other, own) = (try TestAuthority("other"), try TestAuthority("own"))
    let identity = try other.issue("server", names: "DNS:localhost")
    let server = try TestServer(tls: try TLSServer(TLSServerConfiguration(identities: [identity])))
    let folder = TemporaryDirectory()
    folder.write("other.pem", try #require(other.directory.read("authority.pem")))
    _ = try await openssl(["rehash", folder.path]).end()
    let url = "https://localhost:\(server.listener.port)/hello"
    #expect(await code(url, trusting: own.certificate, folder: folder.path) == CURLE_PEER_FAILED_VERIFICATION)
    #expect(await code(url, trusting: other.certificate, folder: folder.path) == CURLE_OK)
  }

  @Test("a file of authorities that has changed is read for the next connection")
  func changedFile() async throws {
    let (first, second) = (try TestAuthority("first"), try TestAuthority("second"))
    let identity = try first.issue("server", names: "DNS:localhost")
    let server = try TestServer(tls: try TLSServer(TLSServerConfiguration(identities: [identity])))
    let folder = TemporaryDirectory()
    folder.write("trusted.pem", try #require(first.directory.read("authority.pem")))
    let client = HTTPClient(reactors: try ReactorGroup(count: 1))
    let request = HTTPClientRequest(
      url: "https://localhost:\(server.listener.port)/close",
      tls: TLSClientConfiguration(authorities: "\(folder.path)/trusted.pem"))
    _ = server.listener.add(
      HTTPEndpoint(method: "GET", path: try PathPattern("/close")) { _ in
        // A header that cannot be sent ends the connection after a 500.
        HTTPResponse(status: 200, headers: ["X": "a\r\nb"])
      })
    #expect(try await client.send(request).status == 500)
    folder.write("trusted.pem", try #require(second.directory.read("authority.pem")))
    #expect(await failed { try await client.send(request) }?.reason.hasPrefix("no secure connection: ") == true)
  }

  /// What comes of a request by a handle whose folder of authorities is `folder`, as if libcurl was built so.
  private func code(_ url: String, trusting authorities: String, folder: String) async -> CURLcode? {
    guard let reactor = try? ReactorGroup(count: 1).next() else { return nil }
    return await withUnsafeContinuation { continuation in
      reactor.execute {
        let handle = CurlHandle(loop: CurlLoop.of(reactor), place: 0)
        defer { handle.close() }
        omnibus_curl_set_string(handle.easy, CURLOPT_CAPATH, folder)
        let request = HTTPClientRequest(url: url, tls: TLSClientConfiguration(authorities: authorities))
        let isPrepared: Void? = try? handle.prepare(Transfer(request, on: reactor))
        continuation.resume(returning: isPrepared == nil ? nil : curl_easy_perform(handle.easy))
      }
    }
  }

  private func openssl(_ arguments: [String]) throws -> RunningProgram {
    try RunningProgram("/usr/bin/openssl", arguments, errors: .discarded)
  }

  /// The port in `ACCEPT 127.0.0.1:12345`.
  private func acceptedPort(_ server: RunningProgram) async throws -> Int? {
    guard try await eventually({ server.output.contains(/ACCEPT .*\n/) || !server.isRunning }) else { return nil }
    return server.output.split(separator: "\n").first { $0.hasPrefix("ACCEPT ") }?.split(separator: ":").last.flatMap {
      Int($0)
    }
  }
}
