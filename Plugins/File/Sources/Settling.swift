/// Tells which files have stood still for long enough to be complete.
struct Settling {
  private struct Sighting {
    var status: FileStatus
    var since: UInt64
    var isComplete: Bool
  }

  private let time: UInt64
  private var sightings: [String: Sighting] = [:]
  /// When the next of the files that are not complete may be; nil where all are.
  private(set) var next: UInt64?

  /// Files must stand still for `time` nanoseconds.
  init(time: UInt64) { self.time = time }

  /// Those of the files found at `now` that are complete, in the order given. Forgets what was not found. Those that
  /// are named in `arrived` are complete as they are, and so are those that an engine took.
  mutating func settled(_ found: [FoundFile], arrived: Set<String> = [], at now: UInt64) -> [FoundFile] {
    var sightings: [String: Sighting] = [:]
    sightings.reserveCapacity(found.count)
    next = nil
    let settled = found.filter { file in
      if file.owner != nil { return true }
      let status = file.status
      var sighting =
        self.sightings[status.name].flatMap { $0.status == status ? $0 : nil }
        ?? Sighting(status: status, since: now, isComplete: false)
      if arrived.contains(status.name) || now - sighting.since >= time { sighting.isComplete = true }
      sightings[status.name] = sighting
      if !sighting.isComplete { next = min(next ?? .max, sighting.since + time) }
      return sighting.isComplete
    }
    self.sightings = sightings
    return settled
  }
}
