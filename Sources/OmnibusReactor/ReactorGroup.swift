internal import CReactor
internal import Synchronization

/// The reactors of a process, one a core unless told otherwise, each on a thread of its own.
public final class ReactorGroup: Sendable {
  /// All reactors, by index.
  public let reactors: [Reactor]
  private let turn = Atomic<Int>(0)
  private let watchdog = Watchdog()

  /// Starts `count` reactors; nil means one for each processor that the process may use. `onHeld` is called, on a
  /// thread of its own, once for each piece of work that holds a reactor for longer than `holdLimit`.
  public init(
    count: Int? = nil, holdLimit: Duration = .milliseconds(100), onHeld: (@Sendable (HeldReactor) -> Void)? = nil
  ) throws(SystemError) {
    var reactors: [Reactor] = []
    for index in 0..<max(1, count ?? Int(omnibus_usable_processors())) { reactors.append(try Reactor(index: index)) }
    self.reactors = reactors
    for reactor in reactors {
      try OperatingSystemThread.start(named: "reactor-\(reactor.index)") { reactor.run() }
    }
    if let onHeld { try watchdog.start(reactors, limit: holdLimit, onHeld) }
  }

  deinit { stop() }

  /// The next reactor, round robin.
  public func next() -> Reactor {
    let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
    return reactors[Int(UInt(bitPattern: turn) % UInt(reactors.count))]
  }

  /// Ends every reactor's loop once the work that is queued is done. Work that is handed over later is not run any more.
  public func stop() {
    watchdog.stop()
    for reactor in reactors { reactor.stop() }
  }
}
