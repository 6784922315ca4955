public import Omnibus
internal import Synchronization

/// The content coding gzip (RFC 9110, 8.4.1.3): whole bodies, and bodies that stream.
public enum Gzip {
  /// What is decoded at a time.
  private static let pieceSize = 128 << 10

  /// `bytes` as gzip.
  public static func encode(_ bytes: [UInt8]) -> [UInt8] {
    var encoder = GzipEncoder()
    return encoder.encode(bytes, isLast: true)
  }

  /// What `bytes` stand for. Takes no more memory than `limit`, whatever they claim to be; counts it at `hold` while it
  /// comes to be.
  public static func decode(
    _ bytes: [UInt8], limit: Int, hold: ContentHold? = nil
  ) throws(GzipProblem) -> [UInt8] {
    var decoder = GzipDecoder(limit: limit)
    var decoded: [UInt8] = []
    var at = 0
    while let piece = try piece(bytes, &at, &decoder) {
      guard hold?.add(piece.count) ?? true else { throw .noMemory }
      decoded.append(contentsOf: piece)
    }
    try decoder.end()
    return decoded
  }

  /// `stream`, of which the caller is the reader, as gzip, each piece at once.
  public static func encode(_ stream: BodyStream) -> BodyStream {
    let encoder = EncodedStream(stream)
    return BodyStream { try await encoder.next() }
  }

  /// What `stream`, of which the caller is the reader, stands for, decoded as it is read: pieces of bounded size, `limit`
  /// bytes at most. It fails as `GzipProblem.failure` says.
  public static func decode(_ stream: BodyStream, limit: Int) -> BodyStream {
    let decoder = DecodedStream(stream, limit: limit)
    return BodyStream { try await decoder.next() }
  }

  /// The next piece of what `bytes` stand for; nil where more bytes are needed.
  private static func piece(
    _ bytes: [UInt8], _ at: inout Int, _ decoder: inout GzipDecoder
  ) throws(GzipProblem) -> [UInt8]? {
    var place = at
    var problem: GzipProblem?
    // The closure cannot throw what it says: it is asked for afterwards.
    let piece = [UInt8](unsafeUninitializedCapacity: pieceSize) { output, count in
      do throws(GzipProblem) {
        count = try bytes.withUnsafeBufferPointer { input throws(GzipProblem) in
          try decoder.decode(input, &place, into: output)
        }
      } catch {
        problem = error
      }
    }
    at = place
    if let problem { throw problem }
    return piece.isEmpty ? nil : piece
  }

  private final class DecodedStream: Sendable {
    private struct State: ~Copyable {
      var decoder: GzipDecoder
      var input: [UInt8] = []
      var at = 0
    }

    private let source: BodyStream
    private let state: Mutex<State>

    init(_ source: BodyStream, limit: Int) {
      self.source = source
      state = Mutex(State(decoder: GzipDecoder(limit: limit)))
    }

    func next() async throws -> [UInt8]? {
      while true {
        if let piece = try decoded() { return piece }
        guard let input = try await source.next() else {
          try end()
          return nil
        }
        state.withLock { state in
          state.input = input
          state.at = 0
        }
      }
    }

    private func decoded() throws(Failure) -> [UInt8]? {
      try state.withLock { state throws(Failure) in
        do throws(GzipProblem) {
          return try Gzip.piece(state.input, &state.at, &state.decoder)
        } catch {
          throw error.failure
        }
      }
    }

    private func end() throws(Failure) {
      try state.withLock { state throws(Failure) in
        do throws(GzipProblem) { try state.decoder.end() } catch { throw error.failure }
      }
    }
  }

  private final class EncodedStream: Sendable {
    private struct State: ~Copyable {
      var encoder = GzipEncoder()
      var hasEnded = false
    }

    private let source: BodyStream
    private let state = Mutex(State())

    init(_ source: BodyStream) { self.source = source }

    func next() async throws -> [UInt8]? {
      if let piece = try await source.next() { return state.withLock { $0.encoder.encode(piece, isLast: false) } }
      return state.withLock { state in
        guard !state.hasEnded else { return nil }
        state.hasEnded = true
        return state.encoder.encode([], isLast: true)
      }
    }
  }
}
