import Omnibus
import OmnibusTesting
import Testing

@testable import S3Plugin

@Suite("s3, over TLS") struct S3TLSTests {
  private let authority: TestAuthority

  init() throws {
    authority = try TestAuthority()
    try authority.issue("server", names: "DNS:localhost,IP:127.0.0.1")
  }

  @Test("over https the payload is safe by TLS and not signed, and those are trusted whom the route says")
  func https() async throws {
    let folder = authority.directory.path
    let server = try RunningProgram(
      "/usr/bin/env", ["python3", "-u", "-c", Self.server, "\(folder)/server.pem", "\(folder)/server.key"])
    #expect(try await eventually { server.output.contains("\n") })
    let port = server.output.prefix { $0 != "\n" }
    let steps = S3Steps(store: try ObjectStore())
    let endpoint: (String, Configuration) = ("endpoint", "https://localhost:\(port)")
    let body = Body.bytes([1, 2, 3])
    let refused = try await steps.failure(body, [endpoint])
    #expect(refused?.kind == .unavailable && refused?.reason.hasPrefix("no secure connection") == true)
    try await steps.send(body, [endpoint, ("tls", ["ca_file": "\(authority.certificate)"])])
    let line = "PUT /care-test/a.bin UNSIGNED-PAYLOAD 8TDyHg== 3\n"
    #expect(try await eventually { server.output.contains(line) }, "\(server.output)")
  }

  private static let server = """
    import http.server, ssl, sys
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_PUT(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            print("PUT", self.path, self.headers["x-amz-content-sha256"], self.headers["x-amz-checksum-crc32c"], len(body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
        def log_message(self, *_): pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1])
    server.serve_forever()
    """
}
