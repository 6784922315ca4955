/// A JSON body (RFC 8259): a text that was indexed, or a value that steps made.
public struct JSONDocument: Document {
  /// What an expression sees as `body`; assigning it edits the body, places of the old text may be part of the new value.
  public var root: Value

  /// `application/json`.
  public var mediaType: String { "application/json" }

  /// The document for a value.
  public init(_ root: Value) { self.root = root }

  /// Indexes a text; fails with kind `invalid`, saying line and column.
  public init(parsing bytes: [UInt8]) throws(Failure) { throw Failure(.internal, "not there yet") }

  /// The text: the very bytes that were parsed when nothing was edited, else compact JSON in which unedited parts keep
  /// their bytes.
  public func serialize() throws(Failure) -> [UInt8] { [] }
}
