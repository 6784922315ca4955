import Foundation
import OmnibusReactor
import OmnibusTesting
import Testing

@testable import OmnibusHTTP

/// An nginx with TLS on a port of its own, ended with its object.
final class NginxPeer: Sendable {
  private static let nginx = "/usr/sbin/nginx"
  static var isInstalled: Bool {
    FileManager.default.isExecutableFile(atPath: nginx)
      && FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")
  }

  private let folder = TemporaryDirectory()
  private let program: RunningProgram
  private let port: UInt16

  init(http2: Bool) async throws {
    let free = try RawPeer { _ in }
    port = free.port
    free.stop()
    let path = folder.path
    let certificate = try RunningProgram(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "\(path)/key.pem", "-out", "\(path)/cert.pem",
        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
      ], input: .nothing)
    try #require(try await certificate.end() == 0, "\(certificate.output)")
    try Data(repeating: 66, count: 5 << 20).write(to: URL(fileURLWithPath: "\(path)/large"))
    try Self.configuration(path, port: port, http2: http2).write(
      toFile: "\(path)/nginx.conf", atomically: true, encoding: .utf8)
    program = try RunningProgram(Self.nginx, ["-c", "\(path)/nginx.conf", "-e", "\(path)/error.log"], input: .nothing)
    let probe = request()
    let client = HTTPClient(reactors: try .init(count: 1))
    try #require(try await eventually { (try? await client.send(probe)) != nil })
  }

  /// Ends it at once: asked nicely it would first end what is under way.
  func stop() { program.signal(SIGKILL) }

  func request(_ path: String = "/") -> HTTPClientRequest {
    HTTPClientRequest(
      url: "https://localhost:\(port)\(path)", tls: TLSClientConfiguration(authorities: "\(folder.path)/cert.pem"))
  }

  private static func configuration(_ path: String, port: UInt16, http2: Bool) -> String {
    """
    daemon off;
    master_process off;
    pid \(path)/nginx.pid;
    error_log \(path)/error.log;
    events { worker_connections 256; }
    http {
      access_log off;
      client_body_temp_path \(path)/body; proxy_temp_path \(path)/proxy; fastcgi_temp_path \(path)/fastcgi;
      uwsgi_temp_path \(path)/uwsgi; scgi_temp_path \(path)/scgi;
      client_max_body_size 100m;
      server {
        listen 127.0.0.1:\(port) ssl\(http2 ? " http2" : "");
        ssl_certificate \(path)/cert.pem;
        ssl_certificate_key \(path)/key.pem;
        add_header x-protocol $server_protocol always;
        add_header x-connection $connection always;
        add_header x-query $args always;
        location /large { root \(path); }
        location /slow { alias \(path)/large; limit_rate 100k; }
        location /upload {
          add_header x-received $upstream_http_x_received always;
          proxy_pass https://127.0.0.1:\(port)/received;
        }
        location /received { add_header x-received $http_content_length always; return 200 "received"; }
        location / { return 200 "nginx"; }
      }
    }
    """
  }
}
