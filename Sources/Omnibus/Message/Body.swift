internal import Synchronization

/// A message's payload: bytes until a step needs more.
public enum Body: Sendable {
  /// Nothing, not even zero bytes of some content type.
  case empty
  /// The payload as it travels.
  case bytes([UInt8])
  /// A decoded format.
  case document(any Document)
  /// A payload too large to hold, to be read once.
  case stream(BodyStream)
}

/// A decoded body: what its format reads and writes.
public protocol Document: Sendable {
  /// The media type that the body has when it is written, such as `application/json`.
  var mediaType: String { get }
  /// What an expression sees as `body`.
  var root: Value { get }
  /// The body as bytes. A document that was only read gives the very bytes that it came from.
  func serialize() throws(Failure) -> [UInt8]
}

/// A file without a name, which is complete: whoever is to write its contents to a file can give it a name instead.
public protocol UnnamedFile: Sendable {
  /// Open for reading and writing as long as the object lives. Nobody changes what is in the file any more.
  var descriptor: Int32 { get }
}

/// A payload that is read piece by piece, once, by one reader: who wants to read it claims it first.
public final class BodyStream: Sendable {
  /// How many bytes there will be, where that is known.
  public let length: Int?
  /// The file that holds the whole body, where there is one. For the reader that has claimed the stream.
  public let file: (any UnnamedFile)?
  private let read: @Sendable () async throws -> [UInt8]?
  private let isClaimed = Atomic<Bool>(false)

  /// A stream that calls `read` for each piece; nil is the end, an error breaks the stream.
  public init(
    length: Int? = nil, file: (any UnnamedFile)? = nil, _ read: @escaping @Sendable () async throws -> [UInt8]?
  ) {
    self.length = length
    self.file = file
    self.read = read
  }

  /// Makes the caller the one reader. Fails when there is one already: what is left is then not the body, and to pass
  /// it on would pass on a part of it.
  public func claim() throws(Failure) {
    guard !isClaimed.exchange(true, ordering: .relaxed) else {
      throw Failure(.invalid, "the body is a stream that was read already")
    }
  }

  /// The next piece, never empty; nil at the end. For the reader that has claimed the stream.
  public func next() async throws -> [UInt8]? {
    while let piece = try await read() { if !piece.isEmpty { return piece } }
    return nil
  }

  /// Claims the stream and reads all of it, up to `limit` bytes; more is a failure of kind `invalid`.
  public func collect(limit: Int) async throws -> [UInt8] {
    try claim()
    var bytes: [UInt8] = []
    while let piece = try await next() {
      guard bytes.count + piece.count <= limit else {
        throw Failure(.invalid, "the body is larger than \(limit) bytes")
      }
      bytes.append(contentsOf: piece)
    }
    return bytes
  }
}
