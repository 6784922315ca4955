public import OmnibusReactor

/// A client that sends what it is told to, and keeps all that comes until the end, over a connection that `connect` made.
///
/// Unchecked: used on its reactor alone.
public final class SecureExchange: ReadinessHandler, @unchecked Sendable {
  /// What came of an exchange.
  public struct Outcome: Sendable {
    /// All that was received.
    public let received: [UInt8]
    /// How the peer ended: `ended` where it said so.
    public let end: TCPConnection.Transfer
  }

  private let connection: TCPConnection
  private var input: ArraySlice<UInt8>
  private let shutsDown: Bool
  private var received: [UInt8] = []
  private let completion: UnsafeContinuation<Outcome, Never>

  private init(
    _ connection: TCPConnection, _ input: [UInt8], shutsDown: Bool, _ completion: UnsafeContinuation<Outcome, Never>
  ) {
    self.connection = connection
    self.input = input[...]
    self.shutsDown = shutsDown
    self.completion = completion
  }

  /// Sends `bytes`, says that nothing more will come where `shutsDown`, and reads until the peer ends.
  public static func run(
    _ connection: TCPConnection, sending bytes: [UInt8], shutsDown: Bool = false
  ) async -> Outcome {
    await withUnsafeContinuation { continuation in
      connection.reactor.execute {
        let exchange = SecureExchange(connection, bytes, shutsDown: shutsDown, continuation)
        try? connection.start([.readable, .writable], handler: exchange)
      }
    }
  }

  /// Goes on as far as the connection lets it.
  public func ready(_ readiness: Readiness) {
    if readiness.contains(.writable), !input.isEmpty { send() }
    guard readiness.contains(.readable) else { return }
    withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 1) { buffer in
      switch connection.read(into: buffer) {
      case .bytes(let count): received.append(contentsOf: buffer[..<count])
      case .blocked: break
      case let end:
        connection.close()
        completion.resume(returning: Outcome(received: received, end: end))
      }
    }
  }

  private func send() {
    if case .bytes(let count) = input.withUnsafeBytes({ connection.write($0) }) { input = input.dropFirst(count) }
    guard input.isEmpty else { return }
    if shutsDown { connection.shutdownSending() }
    connection.watch(.readable)
  }
}
