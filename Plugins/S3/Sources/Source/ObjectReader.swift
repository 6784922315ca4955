internal import Omnibus
internal import OmnibusHTTP
internal import Synchronization

/// Reads the body of an object, and holds it against the size and the checksum that it should have. For one reader.
final class ObjectReader: Sendable {
  private struct State {
    var count = 0
    var check: ObjectCheck?
    var failure: Failure?
  }

  private let size: Int
  private let state: Mutex<State>

  /// A reader of an object of `size` bytes with the fields of its answer, and parts of these sizes where they are known.
  init(size: Int, _ headers: Headers, partSizes: [Int]) {
    self.size = size
    state = Mutex(State(check: ObjectCheck(headers, partSizes: partSizes)))
  }

  /// Why the object could not be read; nil as long as it could.
  var failure: Failure? { state.withLock { $0.failure } }

  /// The body as the message has it.
  func body(of response: HTTPClientResponse) throws(Failure) -> Body {
    switch response.body {
    case .stream(let stream): return .stream(verified(stream))
    case .bytes(let bytes):
      take(bytes)
      try end()
      return .bytes(bytes)
    case .empty, .document:
      try end()
      return .bytes([])
    }
  }

  private func verified(_ stream: BodyStream) -> BodyStream {
    BodyStream(length: size) {
      do {
        guard let piece = try await stream.next() else {
          try self.end()
          return nil
        }
        self.take(piece)
        return piece
      } catch {
        let failure = Failure(error)
        self.state.withLock { $0.failure = failure }
        throw failure
      }
    }
  }

  private func take(_ bytes: [UInt8]) {
    state.withLock { state in
      state.count += bytes.count
      state.check?.update(bytes)
    }
  }

  private func end() throws(Failure) {
    let (count, holds) = state.withLock { ($0.count, $0.check?.holds() ?? true) }
    var failure: Failure?
    if count != size {
      failure = Failure(.unavailable, "the object ended after \(count) of \(size) bytes")
    } else if !holds {
      failure = Failure(.unavailable, "the object does not have the checksum that it should")
    }
    guard let failure else { return }
    state.withLock { $0.failure = failure }
    throw failure
  }
}
