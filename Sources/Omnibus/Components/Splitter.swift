/// Cuts a body into parts, one after another, in constant memory: what `split` takes its parts from.
///
/// ```yaml
/// - split:
///     flat_file: { columns: [{ name: id, type: integer }] }   # a splitter and its options
///     steps: […]
/// ```
public protocol Splitter: Sendable {
  /// Starts reading the parts of `body`, bytes or a stream, which it takes over. Fails with kind `invalid` where there is
  /// nothing that it could cut. Headers of the message are there to be asked, such as a content type's `charset`.
  func parts(of body: Body, headers: Headers, _ context: Context) throws(Failure) -> any PartReader
}

/// Reads the parts of one body; used by one task. Taking a part waits for nothing, as there may be millions of them;
/// reading more of the body may wait.
///
/// What either throws is about the body as a whole, such as a stream that broke: there are no parts after it. One bad
/// part is no error but a part.
public protocol PartReader {
  /// The next part in what was read of the body so far; nil where there is none.
  mutating func nextReady() throws -> Part?
  /// Reads more of the body; answers false where all of it was read.
  mutating func refill() async throws -> Bool
}

extension PartReader {
  /// The next part, nil at the end.
  public mutating func next() async throws -> Part? {
    while true {
      if let part = try nextReady() { return part }
      guard try await refill() else { return nil }
    }
  }
}

/// One part of a body that was cut.
public struct Part: Sendable {
  /// What a part turned out to be.
  public enum Content: Sendable {
    /// The body of the part's message.
    case document(any Document)
    /// A part that cannot be read, with its bytes as they stand in the whole, for an error file. The failure has kind
    /// `invalid`, and its problems say line and column.
    indirect case bad(Failure, source: [UInt8])
  }

  /// What it is.
  public var content: Content
  /// Which one it is, from 1; bad ones count.
  public var number: Int
  /// The line of the body that it starts in, from 1; nil where lines mean nothing.
  public var line: Int?
  /// What it is, where the body has parts of several types, such as records of a flat file.
  public var type: String?

  /// A part.
  public init(_ content: Content, number: Int, line: Int? = nil, type: String? = nil) {
    self.content = content
    self.number = number
    self.line = line
    self.type = type
  }
}
