/// What one route takes messages from, and no other route of the engine may: a place, or some of the names in it.
public struct SourceClaim: Sendable, ExpressibleByStringInterpolation {
  /// The place, written so that the same place is the same text: `POST 127.0.0.1:8080/referrals`.
  public let place: String
  /// Which names of the place, as fnmatch(3) reads it, such as `*.csv`; nil for all that is there.
  public let pattern: String?

  /// The place, or what `pattern` matches in it.
  public init(_ place: String, pattern: String? = nil) {
    self.place = place
    self.pattern = pattern
  }

  /// A place as a whole.
  public init(stringLiteral place: String) { self.init(place) }

  /// Whether something could be claimed by both. Of two patterns, what they begin and end with is compared, up to the
  /// first and from the last special character: `*.csv` and `*.txt` share nothing, `a*` and `*b` may, and so do, by this
  /// measure, `?` and `??`.
  public func conflicts(with other: SourceClaim) -> Bool {
    guard place == other.place else { return false }
    guard let pattern, let others = other.pattern else { return true }
    let (one, two) = (Ends(pattern), Ends(others))
    return one.mayMeet(two) && two.mayMeet(one)
  }

  /// What all names that match a pattern begin and end with.
  private struct Ends {
    private static let special = Array("*?[]\\".utf8)

    let head: ArraySlice<UInt8>
    /// What is behind the last special character; nil where there is none, so that only `head` matches.
    let tail: ArraySlice<UInt8>?

    init(_ pattern: String) {
      let bytes = Array(pattern.utf8)
      guard let first = bytes.firstIndex(where: Self.special.contains),
        let last = bytes.lastIndex(where: Self.special.contains)
      else {
        head = bytes[...]
        tail = nil
        return
      }
      head = bytes[..<first]
      tail = bytes[(last + 1)...]
    }

    func mayMeet(_ other: Ends) -> Bool {
      guard let tail else {
        guard let otherTail = other.tail else { return head == other.head }
        return head.count >= other.head.count + otherTail.count && head.starts(with: other.head)
          && head.reversed().starts(with: otherTail.reversed())
      }
      guard let otherTail = other.tail else { return true }
      let (heads, tails) = (min(head.count, other.head.count), min(tail.count, otherTail.count))
      return head.prefix(heads) == other.head.prefix(heads) && tail.suffix(tails) == otherTail.suffix(tails)
    }
  }
}

extension SourceClaim: CustomStringConvertible {
  /// For people: `/data/inbound/*.csv`.
  public var description: String { pattern.map { "\(place)/\($0)" } ?? place }
}
