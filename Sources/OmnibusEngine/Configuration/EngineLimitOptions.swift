public import Omnibus

/// What clients and components may take: `limits` of `omnibus.yaml`.
public struct EngineLimitOptions: Options {
  /// Threads for what blocks.
  @Option(help: "threads for what blocks, such as files and name look-ups; they start when needed", range: 1...1024)
  public var blockingThreads: Int = 16

  /// What a client may take of an HTTP listener.
  @Option(help: "what a client may take of a listener for HTTP")
  public var http: HTTPLimitOptions = HTTPLimitOptions()

  /// The defaults.
  public init() {}

  /// The limits as components see them.
  public var limits: EngineLimits {
    var limits = EngineLimits()
    limits.http = http.limits
    return limits
  }
}
