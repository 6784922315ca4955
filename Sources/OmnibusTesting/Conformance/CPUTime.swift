internal import Glibc

/// The time that the calling thread has computed (clock_gettime(3)): unlike the time of the day it does not grow with what
/// else the machine does.
enum CPUTime {
  /// How long `body` computes. It must not wait.
  static func of(_ body: () -> Void) -> Duration {
    let start = now
    body()
    return now - start
  }

  /// Whether doing `large`, with sixteen times the input, takes no more than what is linear allows. Caches, and arrays that
  /// grow, make 16 times up to 60; what is quadratic takes 256 times as long. The least of several counts.
  static func growsLinearly(_ small: () -> Duration, _ large: () -> Duration) -> (Bool, String) {
    var (short, long) = (Duration.seconds(100), Duration.seconds(100))
    for _ in 1...5 {
      short = min(short, small())
      long = min(long, large())
      if long < short * 80 + .milliseconds(5) { return (true, "") }
    }
    return (false, "8 KiB take \(short), 128 KiB take \(long)")
  }

  private static var now: Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
