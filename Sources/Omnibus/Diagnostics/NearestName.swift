/// Finds what somebody who mistyped a name most likely meant.
public enum NearestName {
  /// The candidate with the least edit distance (insertions, deletions, replacements, neighbours exchanged), if that is
  /// at most a third of the name's length, at least 1; nil when nothing is near.
  public static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
    // Nobody names anything so long, and the time grows with the square of the length.
    guard name.utf8.count <= maxLength else { return nil }
    let limit = max(1, (name.count + 1) / 3)
    let ranked = candidates.filter { abs($0.utf8.count - name.utf8.count) <= 4 * limit }.map {
      (name: $0, distance: distance(Array(name.utf8), Array($0.utf8)))
    }
    let best = ranked.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    guard let best, best.distance <= limit else { return nil }
    return best.name
  }

  private static let maxLength = 100

  /// The optimal string alignment distance.
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = min(previous[j + 1] + 1, row[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
        row.append(cost)
      }
      before = previous
      previous = row
    }
    return previous[b.count]
  }
}
