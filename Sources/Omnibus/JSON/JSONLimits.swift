/// How large and how deep a JSON text may be.
public struct JSONLimits: Sendable {
  /// Arrays and objects within each other.
  public var depth: Int
  /// Bytes of the text; what the index can address ends at 256 MiB.
  public var bytes: Int

  /// Limits; those of a body unless they are given.
  public init(depth: Int = 128, bytes: Int = 0xFFF_FFFF) {
    self.depth = depth
    self.bytes = min(bytes, 0xFFF_FFFF)
  }
}
