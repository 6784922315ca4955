/// The name of a member, escaped and quoted once and written often.
public struct JSONName: Sendable {
  /// The name in quotes with a colon behind it.
  public let bytes: [UInt8]
  /// Whether the name is written with escapes.
  public let hasEscapes: Bool

  /// A name.
  public init(_ name: String) {
    var bytes: [UInt8] = []
    JSONWriter.writeString(name, into: &bytes)
    hasEscapes = bytes.contains(UInt8(ascii: "\\"))
    self.bytes = bytes + [UInt8(ascii: ":")]
  }
}
