/// A document of XML 1.0 with namespaces that was read as a whole. Comments, processing instructions and what declares
/// namespaces are not kept.
public struct XMLDocument: Sendable {
  private let tree: SharedTree

  /// Reads `bytes`, which libxml2 decodes as their declaration says, or else as UTF-8. Nothing that they refer to is
  /// looked at: a document type declaration is refused, and without one there are no entities but the five of XML itself
  /// (XML 1.0, 4.6). Blocks for as long as that takes, some milliseconds a megabyte.
  public init(parsing bytes: some Sequence<UInt8>, limits: XMLLimits = XMLLimits()) throws(XMLProblem) {
    tree = SharedTree(try XMLReading(limits).read(Array(bytes)))
  }

  /// The outermost element.
  public var root: XMLElement { XMLElement(tree, 0) }
}

/// A tree that the elements of a document refer to.
final class SharedTree: Sendable {
  let tree: XMLTree

  init(_ tree: XMLTree) { self.tree = tree }
}
