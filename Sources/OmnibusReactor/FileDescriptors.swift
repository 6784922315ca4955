internal import Glibc

/// The file descriptors of the process.
public enum FileDescriptors {
  /// How many may be open at the same time.
  public static var limit: Int { Int(clamping: resourceLimit.rlim_cur) }

  /// Raises the limit to the highest that the system allows; a shell gives 1,024, which a server soon needs.
  public static func raiseLimit() {
    var limit = resourceLimit
    limit.rlim_cur = limit.rlim_max
    // Where it fails the limit stays, and with it fewer connections.
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  private static var resourceLimit: rlimit {
    var limit = rlimit(rlim_cur: 1024, rlim_max: 1024)
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return limit
  }
}
