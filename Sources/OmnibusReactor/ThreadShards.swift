internal import CReactor
internal import Synchronization

/// Which thread writes which shard of a `ShardedCells`: each reactor one of its own, also where a process has several
/// groups of them.
enum ThreadShards {
  private static let taken = Mutex<Set<Int>>([])

  /// Gives the calling thread the lowest shard that is free.
  static func take() -> Int {
    let shard = taken.withLock { taken in
      var shard = 0
      while taken.contains(shard) { shard += 1 }
      taken.insert(shard)
      return shard
    }
    omnibus_shard_use(Int32(shard))
    return shard
  }

  /// Takes it from the calling thread, so that another may have it.
  static func giveBack(_ shard: Int) {
    omnibus_shard_use(-1)
    taken.withLock { _ = $0.remove(shard) }
  }
}
