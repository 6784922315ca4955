internal import Omnibus

/// Tells which files have stood still for long enough to be complete.
struct Settling {
  private struct Sighting {
    var status: FileStatus
    var since: UInt64
  }

  private let time: UInt64
  private var sightings: [String: Sighting] = [:]

  /// Files must stand still for `time` nanoseconds.
  init(time: UInt64) { self.time = time }

  /// Those of the files found at `now` that are complete, in the order given. Forgets what was not found.
  mutating func settled(_ found: [FileStatus], at now: UInt64) -> [FileStatus] {
    var next: [String: Sighting] = [:]
    next.reserveCapacity(found.count)
    let settled = found.filter { status in
      let known = sightings[status.name].flatMap { $0.status == status ? $0.since : nil }
      next[status.name] = Sighting(status: status, since: known ?? now)
      return now - (known ?? now) >= time
    }
    sightings = next
    return settled
  }
}
