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

/// A payload that is read piece by piece, once, by one reader.
public final class BodyStream: Sendable {
  /// How many bytes there will be, where that is known.
  public let length: Int?
  private let read: @Sendable () async throws -> [UInt8]?
  private let began = Atomic<Bool>(false)

  /// A stream that calls `read` for each piece; nil is the end, an error breaks the stream.
  public init(length: Int? = nil, _ read: @escaping @Sendable () async throws -> [UInt8]?) {
    self.length = length
    self.read = read
  }

  /// Whether reading has begun: what is left is then not the body, and sending it would send a part of it.
  public var wasRead: Bool { began.load(ordering: .relaxed) }

  /// The next piece, never empty; nil at the end.
  public func next() async throws -> [UInt8]? {
    began.store(true, ordering: .relaxed)
    while let piece = try await read() { if !piece.isEmpty { return piece } }
    return nil
  }

  /// All that is left, up to `limit` bytes; more is a failure of kind `invalid`.
  public func collect(limit: Int) async throws -> [UInt8] {
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
