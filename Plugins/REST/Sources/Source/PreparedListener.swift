internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor
internal import Synchronization

/// The listener of a source between `prepare` and `run`. A source that is thrown away in between, because another route
/// of the same apply was wrong, gives it back.
final class PreparedListener: Sendable {
  /// An address that is bound, and what connections to it are made secure by; nil for HTTP in the clear.
  struct Opened {
    let listener: HTTPListener
    let tls: TLSServer?
  }

  private let opened = Mutex<Opened?>(nil)

  var port: UInt16? { opened.withLock { $0?.listener.port } }

  deinit {
    guard let listener = take()?.listener else { return }
    Task { await listener.close() }
  }

  /// Reads the certificates and binds the address, unless that was done.
  func open(_ address: String, _ tls: TLSServerConfiguration?, _ context: Context) async throws {
    guard opened.withLock({ $0 == nil }) else { return }
    var server: TLSServer?
    if let tls {
      server = try await context.blocking.run {
        do { return try TLSServer(tls) } catch { throw Failure(.unavailable, "cannot serve https: \(error)") }
      }
      server?.warnOfInvalid(context)
    }
    let opened = Opened(listener: try await bind(address, context), tls: server)
    self.opened.withLock { $0 = opened }
  }

  /// Hands the listener to who closes it.
  func take() -> Opened? { opened.withLock { $0.take() } }

  private func bind(_ text: String, _ context: Context) async throws -> HTTPListener {
    do {
      guard let address = try await SocketAddress.resolve(text, on: context.blocking).first else {
        throw Failure(.unavailable, "\(text) has no address")
      }
      return try HTTPListener.open(
        address, reactors: context.reactors, limits: context.limits.http, metrics: context.metrics)
    } catch let error as SystemError {
      throw Failure(.unavailable, "cannot listen on \(text): \(error)", cause: error)
    } catch let error as NameLookupError {
      throw Failure(.unavailable, "cannot listen on \(text): \(error.reason)", cause: error)
    }
  }
}
