internal import Omnibus

/// What the sources of all routes lay claim to: of two routes with the same claim, which one got a message would depend
/// on the order in which they were loaded.
struct Claims {
  private(set) var problems: [Diagnostic] = []
  private var owners: [String: (route: String, place: Location)] = [:]

  mutating func add(_ claims: [String], _ route: String, _ place: Location) {
    for claim in claims {
      guard let owner = owners[claim] else {
        owners[claim] = (route, place)
        continue
      }
      problems.append(
        Diagnostic(
          "conflicting-sources", at: place, "route \"\(owner.route)\" takes messages from \(claim) already",
          help: "let one of the two take from elsewhere", notes: [.init(owner.place, "it does so here")]))
    }
  }
}
