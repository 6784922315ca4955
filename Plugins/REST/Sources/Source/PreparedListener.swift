internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor
internal import Synchronization

/// The listener of a source between `prepare` and `run`. A source that is thrown away in between, because another route
/// of the same apply was wrong, gives it back.
final class PreparedListener: Sendable {
  private let listener = Mutex<HTTPListener?>(nil)

  var port: UInt16? { listener.withLock { $0?.port } }

  deinit {
    guard let listener = take() else { return }
    Task { await listener.close() }
  }

  /// Binds the address, unless that was done.
  func open(_ address: String, _ context: Context) async throws {
    guard listener.withLock({ $0 == nil }) else { return }
    let opened = try await bind(address, context)
    listener.withLock { $0 = opened }
  }

  /// Hands the listener to who closes it.
  func take() -> HTTPListener? { listener.withLock { $0.take() } }

  private func bind(_ text: String, _ context: Context) async throws -> HTTPListener {
    do {
      guard let address = try await SocketAddress.resolve(text, on: context.blocking).first else {
        throw Failure(.unavailable, "\(text) has no address")
      }
      return try HTTPListener.open(address, reactors: context.reactors, limits: context.limits.http)
    } catch let error as SystemError {
      throw Failure(.unavailable, "cannot listen on \(text): \(error)", cause: error)
    } catch let error as NameLookupError {
      throw Failure(.unavailable, "cannot listen on \(text): \(error.reason)", cause: error)
    }
  }
}
