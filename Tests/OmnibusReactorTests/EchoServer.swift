import OmnibusReactor
import OmnibusTesting
import Testing

/// Sends back what it reads, and notes with whom it spoke and how that ended.
final class EchoServer: Sendable {
  let group: ReactorGroup
  let listener: TCPListener
  let ends = Collected<TCPConnection.Transfer>()
  let details = Collected<TLSDetails>()

  init(_ tls: TLSServer?) throws {
    group = try ReactorGroup(count: 2)
    listener = try TCPListener.bind(try #require(SocketAddress("127.0.0.1:0")), maxConnections: 1000)
    listener.accept(on: group) { [ends, details] connection in
      if let tls { try? connection.secure(tls) }
      try? connection.start(.readable, handler: Echo(connection, ends, details))
    }
  }

  deinit { listener.close() }

  /// What comes back for `bytes`, from a client that trusts as `client` says.
  func echo(
    _ bytes: [UInt8], _ client: TLSClient, host: String = "localhost", through port: UInt16? = nil
  ) async throws -> SecureExchange.Outcome {
    await SecureExchange.run(try await connect(client, host: host, through: port), sending: bytes, shutsDown: true)
  }

  func connect(
    _ client: TLSClient, host: String = "localhost", through port: UInt16? = nil
  ) async throws -> TCPConnection {
    var address = listener.address
    if let port { address.port = port }
    return try await TCPConnection.connect(
      to: address, on: group.next(), timeout: .seconds(20), tls: client, host: host)
  }
}

/// A connection of the server.
// @unchecked: used on its reactor alone.
private final class Echo: ReadinessHandler, @unchecked Sendable {
  private let connection: TCPConnection
  private let ends: Collected<TCPConnection.Transfer>
  private let details: Collected<TLSDetails>
  private var output: ArraySlice<UInt8> = []
  private var end: TCPConnection.Transfer?
  private var isNoted = false

  init(
    _ connection: TCPConnection, _ ends: Collected<TCPConnection.Transfer>, _ details: Collected<TLSDetails>
  ) {
    self.connection = connection
    self.ends = ends
    self.details = details
  }

  func ready(_ readiness: Readiness) {
    if readiness.contains(.readable), end == nil { read() }
    send()
  }

  private func read() {
    withUnsafeTemporaryAllocation(byteCount: 10_000, alignment: 1) { buffer in
      switch connection.read(into: buffer) {
      case .bytes(let count): output.append(contentsOf: buffer[..<count])
      case .blocked: break
      case let found:
        end = found
        ends.append(found)
      }
    }
    guard !isNoted, let details = connection.security else { return }
    isNoted = true
    self.details.append(details)
  }

  private func send() {
    if let end, end != .ended { return connection.close() }
    if !output.isEmpty {
      switch output.withUnsafeBytes({ connection.write($0) }) {
      case .bytes(let count): output = output.dropFirst(count)
      case .blocked: break
      case .ended, .failed, .broken: return connection.close()
      }
    }
    if output.isEmpty { output = [] }
    guard end == nil || !output.isEmpty else { return connection.close() }
    // Takes nothing more until what it has is gone.
    connection.watch(output.isEmpty ? .readable : .writable)
  }
}
