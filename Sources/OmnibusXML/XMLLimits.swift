/// What a document may take of the machine; beyond it reading fails with `XMLProblem`.
public struct XMLLimits: Sendable {
  /// Bytes of the document.
  public var bytes = 10 << 20
  /// How deep elements may lie within each other, the root counted. 256 is the most: what libxml2 reads.
  public var depth = 64
  /// Elements, and pieces of text between them.
  public var nodes = 1_000_000
  /// Attributes of one element, those that declare namespaces among them.
  public var attributes = 256

  /// The defaults.
  public init() {}
}
