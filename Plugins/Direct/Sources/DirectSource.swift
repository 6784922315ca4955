internal import Omnibus

/// Takes the messages that `direct` destinations of the same name send.
struct DirectSource: Source {
  let name: String
  let routes: DirectRoutes

  var summary: String { name }
  var claims: [SourceClaim] { ["direct \(name)"] }
  var mayOverlap: Bool { true }
  var isFedByRoutes: Bool { true }

  func run(_ deliver: Deliver) async throws {
    let entry = routes.add(name, deliver)
    deliver.ready()
    await deliver.stop.wait()
    await routes.remove(name, entry)
  }
}
