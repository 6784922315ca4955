/// The nodes of a document in the order in which they begin, over one buffer with all of their text. Not changed once it
/// was read.
struct XMLTree: Sendable {
  /// A place in the buffer.
  struct Span: Sendable {
    var start: Int32
    var end: Int32
  }

  /// A name within a namespace; the same one for all nodes that have it.
  struct Name: Sendable, Hashable {
    var local: String
    var namespace: String?
  }

  struct Attribute: Sendable {
    var name: Int32
    var value: Span
  }

  /// An element, or text where `name` is -1.
  struct Node: Sendable {
    var name: Int32
    /// The node behind it and all that is within it, with the same parent; -1 where it is the last one.
    var next: Int32 = -1
    /// For an element its attributes' places, for a text its bytes'.
    var span: Span
    var hasChildren = false
  }

  var nodes: [Node] = []
  var attributes: [Attribute] = []
  var names: [Name] = []
  var text: [UInt8] = []

  func string(_ span: Span) -> String {
    text.withUnsafeBufferPointer {
      String(decoding: UnsafeBufferPointer(rebasing: $0[Int(span.start)..<Int(span.end)]), as: UTF8.self)
    }
  }
}
