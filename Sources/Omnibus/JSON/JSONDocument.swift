/// A JSON body (RFC 8259): a text that was indexed, or a value that steps made.
public struct JSONDocument: Document {
  /// What an expression sees as `body`; assigning it edits the body, places of the old text may be part of the new value.
  public var root: Value

  /// `application/json`.
  public var mediaType: String { "application/json" }

  /// The document for a value.
  public init(_ root: Value) { self.root = root }

  /// Indexes a text; fails with kind `invalid`, saying line and column.
  public init(parsing bytes: [UInt8]) throws(Failure) { root = .json(try JSONText.parse(bytes).root) }

  /// The text: the very bytes that were parsed when nothing was edited, else compact JSON in which unedited parts keep
  /// their bytes.
  public func serialize() throws(Failure) -> [UInt8] {
    if case .json(let node) = root, node.isWholeText { return node.text.withBytes { Array($0) } }
    return try root.jsonBytes()
  }

  /// Sets what is at `path`, as `Value.set` does.
  public mutating func set(_ path: JSONPath, to value: Value) throws(Failure) { try root.set(path, to: value) }

  /// Removes what is at `path`, as `Value.remove` does.
  public mutating func remove(_ path: JSONPath) { root.remove(path) }
}
