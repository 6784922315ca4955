internal import Glibc
public import Omnibus

/// What the system says of the process, by the names that Prometheus' own clients use
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
public enum ProcessMetrics {
  /// Shows it as long as what is returned exists.
  public static func observe(_ metrics: Metrics) -> [Observation] {
    [
      metrics.observe("process_cpu_seconds_total", "CPU time of the process, in user and system mode.", as: .counter) {
        seconds(CLOCK_PROCESS_CPUTIME_ID)
      },
      metrics.observe("process_resident_memory_bytes", "Memory of the process that is in RAM.") { memory(1) },
      metrics.observe("process_virtual_memory_bytes", "Address space of the process.") { memory(0) },
      metrics.observe("process_open_fds", "File descriptors that are open.") { openDescriptors() },
      metrics.observe("process_max_fds", "File descriptors that may be open.") {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Double(limit.rlim_cur)
      },
      metrics.observe("process_start_time_seconds", "When the process started, since 1970.") { [start = startTime()] in
        start
      },
    ]
  }

  private static func seconds(_ clock: clockid_t) -> Double? {
    var time = timespec()
    guard clock_gettime(clock, &time) == 0 else { return nil }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// A field of `/proc/self/statm`, in bytes.
  private static func memory(_ field: Int) -> Double? {
    guard let fields = read("/proc/self/statm")?.split(separator: " "), fields.count > field,
      let pages = Double(fields[field])
    else { return nil }
    return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
  }

  private static func openDescriptors() -> Double? {
    guard let folder = opendir("/proc/self/fd") else { return nil }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    // Without `.`, `..` and the folder itself.
    return Double(count - 3)
  }

  /// The 22nd field of `/proc/self/stat` is the start in ticks since the system started; the second one, in brackets, may
  /// hold spaces.
  private static func startTime() -> Double? {
    guard let status = read("/proc/self/stat"), let bracket = status.lastIndex(of: ")"),
      let boot = read("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") })?.dropFirst(6),
      let booted = Double(boot)
    else { return nil }
    let fields = status[bracket...].split(separator: " ")
    guard fields.count > 20, let ticks = Double(fields[20]) else { return nil }
    return booted + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  private static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var text: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16 << 10)
    while text.count < 1 << 20 {
      let count = Glibc.read(descriptor, &piece, piece.count)
      guard count > 0 else { break }
      text.append(contentsOf: piece[..<count])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
