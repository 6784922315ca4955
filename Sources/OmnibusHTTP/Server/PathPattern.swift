/// A path with captures: `/patients/{id}/documents`, and at its end `{rest...}` for all that follows.
public struct PathPattern: Sendable, Hashable, CustomStringConvertible {
  /// What is wrong with the text of a pattern.
  public struct Problem: Error, Sendable, CustomStringConvertible {
    /// What was found and what was expected.
    public let description: String
  }

  enum Segment: Sendable, Hashable {
    /// These bytes, after percent-decoding.
    case literal([UInt8])
    /// One segment that is not empty.
    case capture(String)
    /// All that is left, slashes included, possibly nothing; at the end only.
    case rest(String)
  }

  /// The pattern as written.
  public let description: String
  let segments: [Segment]

  /// Reads a pattern.
  public init(_ text: String) throws(Problem) {
    guard text.hasPrefix("/") else { throw Problem(description: "a path starts with \"/\", found \"\(text)\"") }
    description = text
    var segments: [Segment] = []
    var names: Set<String> = []
    for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      if case .rest = segments.last {
        throw Problem(description: "nothing can follow a capture of all that is left, found \"\(part)\"")
      }
      let segment = try Self.segment(part)
      if let name = segment.name, !names.insert(name).inserted {
        throw Problem(description: "the capture \"\(name)\" comes twice")
      }
      segments.append(segment)
    }
    self.segments = segments
  }

  /// The pattern without the names of its captures: two of one shape match the same paths.
  public var shape: String {
    var bytes: [UInt8] = []
    var isInName = false
    for byte in description.utf8 {
      switch byte {
      case UInt8(ascii: "{"): isInName = true
      case UInt8(ascii: "."), UInt8(ascii: "}"): isInName = false
      default: if isInName { continue }
      }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The names of the captures, in order.
  public var captureNames: [String] { segments.compactMap(\.name) }

  private static func segment(_ part: Substring) throws(Problem) -> Segment {
    guard part.contains(where: { $0 == "{" || $0 == "}" }) else {
      guard part.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != 0x3F && $0 != 0x23 }) else {
        throw Problem(description: "a path holds no spaces, \"?\" or \"#\", found \"\(part)\"")
      }
      guard let bytes = PercentEncoding.decode(Array(part.utf8)) else {
        throw Problem(description: "\"%\" is followed by two hexadecimal digits, found \"\(part)\"")
      }
      return .literal(bytes)
    }
    var name = part.dropFirst().dropLast()
    let isRest = name.hasSuffix("...")
    if isRest { name = name.dropLast(3) }
    guard part.hasPrefix("{"), part.hasSuffix("}"), !name.isEmpty,
      name.utf8.allSatisfy({ $0 == 0x5F || $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 })
    else {
      throw Problem(description: "a capture is a whole segment such as \"{name}\" or \"{rest...}\", found \"\(part)\"")
    }
    return isRest ? .rest(String(name)) : .capture(String(name))
  }
}

extension PathPattern.Segment {
  fileprivate var name: String? {
    switch self {
    case .literal: nil
    case .capture(let name), .rest(let name): name
    }
  }
}
