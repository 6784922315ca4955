import Omnibus

/// Whether values are the same as JSON Schema has it (draft-bhutton-json-schema-01, 4.2.2): numbers by what they are worth,
/// strings by their characters, objects whatever the order of their members.
enum JSONEquality {
  /// Objects of more members are compared by hashes of 128 bits with a secret, so that nobody can make it slow.
  private static let mostCompared = 16

  static func areEqual(_ a: JSONTapeView, _ i: Int, _ b: JSONTapeView, _ j: Int) -> Bool {
    let (kind, other) = (sort(a, i), sort(b, j))
    guard kind == other else { return false }
    switch kind {
    case .word: return a.rawKind(i) == b.rawKind(j)
    case .number: return JSONNumber(a.raw(i)).compare(JSONNumber(b.raw(j))) == 0
    case .string:
      if b.rawKind(j) == 6 {
        var text = b.string(j)
        return text.withUTF8 { a.isString(i, $0) }
      }
      return a.isString(i, b.raw(j))
    case .array:
      guard a.count(i) == b.count(j) else { return false }
      var (x, y) = (a.first(i), b.first(j))
      while x < a.end(i) {
        guard areEqual(a, x, b, y) else { return false }
        (x, y) = (a.next(x), b.next(y))
      }
      return true
    case .object: return areEqualObjects(a, i, b, j)
    }
  }

  private static func areEqualObjects(_ a: JSONTapeView, _ i: Int, _ b: JSONTapeView, _ j: Int) -> Bool {
    guard a.count(i) == b.count(j) else { return false }
    guard a.count(i) <= mostCompared else { return hash(a, i) == hash(b, j) }
    var key = a.first(i)
    while key < a.end(i) {
      let member: Int?
      if a.rawKind(key) == 6 {
        var name = a.string(key)
        member = name.withUTF8 { b.member($0, of: j) }
      } else {
        member = b.member(a.raw(key), of: j)
      }
      guard let member, areEqual(a, key + 1, b, member) else { return false }
      key = a.next(key + 1)
    }
    return true
  }

  /// A hash of a value; equal values have the same.
  struct Hash: Hashable {
    let a: Int
    let b: Int
  }

  static func hash(_ view: JSONTapeView, _ index: Int) -> Hash {
    Hash(a: hash(view, index, seed: 1), b: hash(view, index, seed: 2))
  }

  private static func hash(_ view: JSONTapeView, _ index: Int, seed: Int) -> Int {
    var hasher = Hasher()
    hasher.combine(seed)
    switch sort(view, index) {
    case .word: hasher.combine(view.rawKind(index))
    case .number:
      hasher.combine(3)
      JSONNumber(view.raw(index)).hash(into: &hasher)
    case .string: combine(view, index, &hasher)
    case .array:
      hasher.combine(7)
      var element = view.first(index)
      while element < view.end(index) {
        hasher.combine(hash(view, element, seed: seed))
        element = view.next(element)
      }
    case .object:
      hasher.combine(8)
      // A sum has no order.
      var sum = 0
      var key = view.first(index)
      while key < view.end(index) {
        var member = Hasher()
        member.combine(seed)
        combine(view, key, &member)
        member.combine(hash(view, key + 1, seed: seed))
        sum &+= member.finalize()
        key = view.next(key + 1)
      }
      hasher.combine(sum)
    }
    return hasher.finalize()
  }

  private static func combine(_ view: JSONTapeView, _ index: Int, _ hasher: inout Hasher) {
    hasher.combine(5)
    if view.rawKind(index) == 6 {
      var text = view.string(index)
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    } else {
      hasher.combine(bytes: UnsafeRawBufferPointer(view.raw(index)))
    }
  }

  private enum Sort { case word, number, string, array, object }

  private static func sort(_ view: JSONTapeView, _ index: Int) -> Sort {
    switch view.rawKind(index) {
    case 3, 4: .number
    case 5, 6: .string
    case 7: .array
    case 8: .object
    default: .word
    }
  }

  /// Whether no two elements of an array are the same. Takes time that grows with the size of the array.
  static func isUnique(_ view: JSONTapeView, _ index: Int) -> Bool {
    let count = view.count(index)
    guard count > 1 else { return true }
    var seen = Set<Hash>(minimumCapacity: count)
    var element = view.first(index)
    while element < view.end(index) {
      // That two others have the same hash of 128 bits with a secret does not happen.
      guard seen.insert(hash(view, element)).inserted else { return false }
      element = view.next(element)
    }
    return true
  }
}
