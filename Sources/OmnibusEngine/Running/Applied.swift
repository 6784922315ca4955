/// What an apply did, or would do: the generation, and each route's part in it, by id.
public struct Applied: Sendable, Equatable {
  /// Counts the applies that changed something, from 1; with a store it goes on counting over restarts.
  public var generation = 0
  /// Routes that were not there before.
  public var added: [String] = []
  /// Routes with a new revision.
  public var changed: [String] = []
  /// Routes that are no longer there.
  public var removed: [String] = []
  /// Routes that were not touched.
  public var kept: [String] = []
  /// What is other in the changed routes, by id: `source`, `steps`, `connection NAME` …
  public var changes: [String: [String]] = [:]

  /// Whether any route is other than it was.
  public var isChange: Bool { !(added.isEmpty && changed.isEmpty && removed.isEmpty) }

  /// Puts the ids of each list in order.
  mutating func sort() {
    added.sort()
    changed.sort()
    removed.sort()
    kept.sort()
  }
}

extension Applied: CustomStringConvertible {
  /// A line for each route that is other than it was, and one for the rest.
  public var description: String {
    let lines =
      added.map { "add     \($0)" }
      + changed.map { id in
        let what = changes[id] ?? []
        return "change  \(id)" + (what.isEmpty ? "" : ": \(what.joined(separator: ", "))")
      } + removed.map { "remove  \($0)" }
    let rest = "\(kept.count) \(kept.count == 1 ? "route stays as it is" : "routes stay as they are")"
    return (lines + [rest]).joined(separator: "\n")
  }
}
