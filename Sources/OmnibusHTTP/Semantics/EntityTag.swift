/// What tells one state of a resource from another (RFC 9110, 8.8.3).
public struct EntityTag: Sendable, Equatable, CustomStringConvertible {
  /// Whether equal tags mean contents that can stand for one another, and not the same bytes.
  public var isWeak: Bool
  /// What stands between the quotes.
  public let opaque: String

  /// A tag.
  public init(isWeak: Bool = false, opaque: String) {
    self.isWeak = isWeak
    self.opaque = opaque
  }

  /// The tag of a field `etag`; nil where it is none.
  public init?(_ text: String) {
    guard let tags = Self.list(text), tags.count == 1 else { return nil }
    self = tags[0]
  }

  /// A tag made of the bytes of a body: a hash of 64 bits (FNV-1a) and the length.
  public init(of bytes: [UInt8]) {
    let hash = bytes.withUnsafeBufferPointer { bytes in
      bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
    self.init(opaque: String(hash, radix: 16) + "-" + String(bytes.count, radix: 16))
  }

  /// As a field has it: `"abc"`, `W/"abc"`.
  public var description: String { (isWeak ? "W/\"" : "\"") + opaque + "\"" }

  /// The tags of a field such as `if-match`; nil where it is malformed.
  static func list(_ text: String) -> [EntityTag]? {
    var tags: [EntityTag] = []
    var rest = Substring(text).utf8
    while let first = rest.first {
      if first == 0x20 || first == 0x09 || first == UInt8(ascii: ",") {
        rest.removeFirst()
        continue
      }
      let isWeak = rest.starts(with: "W/".utf8)
      if isWeak { rest.removeFirst(2) }
      guard rest.popFirst() == UInt8(ascii: "\""), let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
      tags.append(EntityTag(isWeak: isWeak, opaque: String(decoding: rest[..<end], as: UTF8.self)))
      rest = rest[rest.index(after: end)...]
    }
    return tags
  }

  /// Whether both are strong and the same (RFC 9110, 8.8.3.2).
  func isStronglyEqual(to other: EntityTag) -> Bool { !isWeak && self == other }

  /// Whether both are the same, weak or not (RFC 9110, 8.8.3.2).
  func isWeaklyEqual(to other: EntityTag) -> Bool { opaque == other.opaque }
}
