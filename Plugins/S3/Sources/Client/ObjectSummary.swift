internal import Omnibus

/// An object as a list shows it.
struct ObjectSummary: Sendable, Hashable {
  var key: String
  /// The entity tag, with its quotes.
  var etag: String
  var size: Int

  /// Whether it stands for a folder, as some programs make them: nothing, under a key that ends in a slash.
  var isFolder: Bool { size == 0 && key.utf8.last == UInt8(ascii: "/") }
}
