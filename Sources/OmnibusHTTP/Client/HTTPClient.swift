public import Omnibus
public import OmnibusReactor

/// Makes HTTP requests with libcurl on the reactors: each reactor keeps its connections, and a request stays on the
/// reactor of its message. All clients of one process share them, so that a client costs nothing.
public struct HTTPClient: Sendable {
  private let reactors: ReactorGroup

  /// A client on `reactors`.
  public init(reactors: ReactorGroup) { self.reactors = reactors }

  /// Sends `request` and waits for the answer: all of it, or its head where a stream was asked for.
  ///
  /// Fails with `invalid` for what cannot be sent and for an answer that is too large, `unavailable` when there was no
  /// connection or no HTTP, `timeout` when nothing was sent in time or the method is idempotent (RFC 9110, 9.2.2), and
  /// `outcome_unknown` when the request was on its way and may have taken effect. Cancelling the task aborts it.
  public func send(_ request: HTTPClientRequest) async throws(Failure) -> HTTPClientResponse {
    if let problem = CurlLibrary.problem { throw Failure(.internal, problem) }
    let reactor = Reactor.current ?? reactors.next()
    let transfer = Transfer(request, on: reactor)
    let outcome = await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in transfer.start(continuation) }
    } onCancel: {
      reactor.execute { transfer.abort(Failure(.cancelled, "the request was given up")) }
    }
    return try outcome.get()
  }
}
