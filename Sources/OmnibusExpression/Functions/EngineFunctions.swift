import Glibc
import Omnibus

/// What CEL does not have: `now()` and `uuid()`.
enum EngineFunctions {
  static let all: [Function] = [
    .global("now", [[] => .timestamp], .nullary { frame throws(Fault) in .timestamp(now(frame.context)) }),
    .global("uuid", [[] => .string], .nullary { _ throws(Fault) in .string(MessageID().description) }),
  ]

  /// The time of the engine's clock.
  private static func now(_ context: Context?) -> Timestamp {
    if let wall = context?.clock.wallTime {
      let seconds = wall.rounded(.down)
      return Timestamp(seconds: Int64(seconds), nanoseconds: Int32((wall - seconds) * 1e6) * 1000)
    }
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
  }
}
