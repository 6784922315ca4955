public import Omnibus

/// What a client may take of a listener for HTTP: `limits.http` of `omnibus.yaml`.
public struct HTTPLimitOptions: Options {
  private static let defaults = HTTPLimits()

  @Option(
    help: "bytes of the request line; more is answered with 414",
    range: ByteSize(bytes: 256)...ByteSize(bytes: 1 << 20))
  var requestLine: ByteSize = ByteSize(bytes: defaults.requestLine)

  @Option(
    help:
      "bytes of the request line and all header fields together, and of all trailer fields; more is answered with 431",
    range: ByteSize(bytes: 1 << 10)...ByteSize(bytes: 16 << 20))
  var headerBytes: ByteSize = ByteSize(bytes: defaults.headerBytes)

  @Option(help: "header fields of a request, and trailer fields; more are answered with 431", range: 1...10_000)
  var headerCount: Int = defaults.headerCount

  @Option(
    help: "bytes of all chunk extensions of one body",
    range: ByteSize(bytes: 0)...ByteSize(bytes: 1 << 20))
  var chunkExtensions: ByteSize = ByteSize(bytes: defaults.chunkExtensions)

  @Option(help: "how long the header of a request may take; answered with 408", range: HTTPLimitOptions.times)
  var headerTimeout: Duration = defaults.headerTimeout

  @Option(
    help: "how long 16KiB of a body, or what is left of it, may take; answered with 408", range: HTTPLimitOptions.times)
  var bodyTimeout: Duration = defaults.bodyTimeout

  @Option(
    help: "how long a connection may wait for its first or next request before it is closed",
    range: HTTPLimitOptions.times)
  var idleTimeout: Duration = defaults.idleTimeout

  @Option(
    help: "how long a client may take nothing of an answer before its connection is aborted",
    range: HTTPLimitOptions.times)
  var writeTimeout: Duration = defaults.writeTimeout

  @Option(
    help: "connections open on one address at the same time, at most half of the descriptors that the process may "
      + "have; further ones wait in the system's queue", range: 1...1_000_000)
  var maxConnections: Int = defaults.maxConnections

  @Option(help: "the largest body, for sources that do not set `max_body`; a larger one is answered with 413")
  var maxBody: ByteSize = ByteSize(bytes: defaults.maxBody)

  @Option(help: "the most that a source may set as `max_body`", default: "none")
  var maxBodyCeiling: ByteSize? = nil

  private static let times = Duration.milliseconds(10) ... .seconds(86_400)

  /// The defaults.
  public init() {}

  /// The limits as listeners see them.
  var limits: HTTPLimits {
    var limits = HTTPLimits()
    limits.requestLine = requestLine.bytes
    limits.headerBytes = headerBytes.bytes
    limits.headerCount = headerCount
    limits.chunkExtensions = chunkExtensions.bytes
    limits.headerTimeout = headerTimeout
    limits.bodyTimeout = bodyTimeout
    limits.idleTimeout = idleTimeout
    limits.writeTimeout = writeTimeout
    limits.maxConnections = maxConnections
    limits.maxBody = maxBody.bytes
    limits.maxBodyCeiling = maxBodyCeiling?.bytes
    return limits
  }
}
