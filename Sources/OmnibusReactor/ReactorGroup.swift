internal import Glibc
internal import Synchronization

/// The reactors of a process, one a core unless told otherwise, each on a thread of its own.
public final class ReactorGroup: Sendable {
  /// All reactors, by index.
  public let reactors: [Reactor]
  private let turn = Atomic<Int>(0)

  /// Starts `count` reactors; nil means one for each processor that the process may use.
  public init(count: Int? = nil) throws(SystemError) {
    let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    var reactors: [Reactor] = []
    for index in 0..<(count ?? cores) { reactors.append(try Reactor(index: index)) }
    self.reactors = reactors
    for reactor in reactors { OperatingSystemThread.start(named: "reactor-\(reactor.index)") { reactor.run() } }
  }

  deinit { stop() }

  /// The reactor of the calling thread, or else the next one round robin.
  public var currentOrNext: Reactor { Reactor.current ?? next() }

  /// The next reactor, round robin.
  public func next() -> Reactor {
    let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
    return reactors[Int(UInt(bitPattern: turn) % UInt(reactors.count))]
  }

  /// Ends every reactor's loop once the work at hand is done.
  public func stop() { for reactor in reactors { reactor.stop() } }
}
