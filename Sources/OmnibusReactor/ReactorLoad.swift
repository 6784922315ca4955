/// What a reactor did with its time since it started.
public struct ReactorLoad: Sendable {
  /// How often it looked for descriptors that are ready.
  public var turns: UInt64
  /// The pieces of work that it began: jobs, calls, timers, readiness.
  public var pieces: UInt64
  /// The CPU time of its thread in nanoseconds.
  public var busyNanoseconds: UInt64
  /// How many pieces of work held it for longer than the limit of its group; 0 where nobody watches.
  public var holds: UInt64
  /// The longest time in nanoseconds for which one piece held it, as far as the watchdog saw.
  public var longestHold: UInt64
}
