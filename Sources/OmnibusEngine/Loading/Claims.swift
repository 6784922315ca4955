internal import Omnibus

/// What the sources of all routes lay claim to, and what they say of places that they share: of two routes with claims on
/// the same, or other terms for the same place, which one it went by would depend on the order in which they were loaded.
struct Claims {
  private(set) var problems: [Diagnostic] = []
  private var owners: [String: [(claim: SourceClaim, route: String, place: Location, isShown: Bool)]] = [:]
  private var terms: [String: (terms: String, route: String, place: Location, isShown: Bool)] = [:]

  /// Adds those of the source of a route. What it takes from `isShown` in problems unless it was written with `${ }`.
  mutating func add(_ source: any Source, _ route: String, _ place: Location, isShown: Bool) {
    add(source.sharedTerms, route, place, isShown)
    for claim in source.claims {
      guard let owner = owners[claim.place]?.first(where: { $0.claim.conflicts(with: claim) }) else {
        owners[claim.place, default: []].append((claim, route, place, isShown))
        continue
      }
      problems.append(
        Diagnostic(
          "conflicting-sources", at: place,
          "route \"\(owner.route)\" takes messages from \(owner.isShown ? "\(owner.claim)" : "the same place") already",
          help: "let one of the two take from elsewhere", notes: [.init(owner.place, "it does so here")]))
    }
  }

  private mutating func add(
    _ shared: [(place: String, terms: String)], _ route: String, _ place: Location, _ isShown: Bool
  ) {
    for (name, said) in shared {
      guard let first = terms[name] else {
        terms[name] = (said, route, place, isShown)
        continue
      }
      guard first.terms != said else { continue }
      problems.append(
        Diagnostic(
          "conflicting-sources", at: place,
          "route \"\(first.route)\" makes \(first.isShown ? name : "the same address") secure in another way",
          help: "write the same tls in both", notes: [.init(first.place, "it does so here")]))
    }
  }
}
