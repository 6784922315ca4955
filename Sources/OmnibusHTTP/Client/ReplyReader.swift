internal import Omnibus
internal import OmnibusReactor

/// The reading end of an answer that is streamed. When nobody holds it any more the transfer is given up.
final class ReplyReader: Sendable {
  private let transfer: Transfer
  private let reactor: Reactor

  init(_ transfer: Transfer, on reactor: Reactor) {
    self.transfer = transfer
    self.reactor = reactor
  }

  deinit { reactor.execute { [transfer] in transfer.abort(Failure(.cancelled, "the answer was not read to its end")) } }

  /// The next piece; nil at the end. From any thread, one call at a time.
  func next() async throws(Failure) -> [UInt8]? {
    let piece = await withTaskCancellationHandler {
      await withUnsafeContinuation { reader in
        if reactor.isCurrent {
          transfer.readReply(reader)
        } else {
          reactor.execute { [transfer] in transfer.readReply(reader) }
        }
      }
    } onCancel: {
      reactor.execute { [transfer] in transfer.abort(Failure(.cancelled, "the request was given up")) }
    }
    return try piece.get()
  }
}
