internal import CReactor

/// Some numbers that all threads may add to. Each reactor adds to cells of its own, on cache lines that no other reactor
/// writes: about 2 ns, where an atomic addition takes 6 ns alone and 30 ns and more when two cores do it at once. Threads
/// that are no reactor share one more set of cells, and add to them atomically.
///
/// The memory is allocated at the beginning, freed at the end, and all access to it is atomic, hence @unchecked.
public final class ShardedCells: @unchecked Sendable {
  /// Cells of 8 bytes on a cache line.
  private static let line = 8

  private let cells: UnsafeMutablePointer<Int64>
  private let shards: Int32
  private let stride: Int32

  /// `count` zeros. `shards` is for how many reactors there are cells of their own: nil for one a processor that the
  /// process may use.
  public init(_ count: Int, shards: Int? = nil) {
    let shards = max(1, shards ?? Int(omnibus_usable_processors()))
    let stride = (count + Self.line - 1) / Self.line * Self.line
    let total = (shards + 1) * stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: total * 8, alignment: Self.line * 8)
    cells = memory.bindMemory(to: Int64.self, capacity: total)
    cells.initialize(repeating: 0, count: total)
    self.shards = Int32(shards)
    self.stride = Int32(stride)
  }

  deinit { cells.deallocate() }

  /// Adds `amount` to a number.
  @inline(__always)
  public func add(_ amount: Int = 1, to number: Int) {
    _ = omnibus_shards_add(cells + number, shards, stride, Int64(amount))
  }

  /// Adds one to a number, and answers what the calling reactor, or all other threads together, have added to it.
  @inline(__always)
  public func next(_ number: Int) -> Int { Int(omnibus_shards_add(cells + number, shards, stride, 1)) }

  /// A number: the sum of what was added to it.
  public subscript(_ number: Int) -> Int { Int(omnibus_shards_sum(cells + number, shards, stride)) }
}
