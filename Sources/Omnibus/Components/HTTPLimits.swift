/// What a client may take of an HTTP listener; beyond it a request is refused, or the connection closed.
public struct HTTPLimits: Sendable {
  /// Bytes of the request line; more is answered with 414.
  public var requestLine = 8 << 10
  /// Bytes of the request line and all header fields together, and of all trailer fields; more is answered with 431.
  public var headerBytes = 32 << 10
  /// How many header fields, and trailer fields; more is answered with 431.
  public var headerCount = 100
  /// Bytes of all chunk extensions of one body.
  public var chunkExtensions = 4 << 10
  /// How long the header of a request may take from its first byte; answered with 408.
  public var headerTimeout = Duration.seconds(10)
  /// How long 16 KiB of a body, or what is left of it, may take; answered with 408.
  public var bodyTimeout = Duration.seconds(30)
  /// How long a connection may wait for its first or next request before it is closed.
  public var idleTimeout = Duration.seconds(75)
  /// How long a client may take for 16 KiB of an answer that is ready, or what is left of it, before the connection is
  /// aborted.
  public var writeTimeout = Duration.seconds(30)
  /// Bytes that bodies which are collected may hold together, until they are answered, and as many again for answers
  /// that their clients have not taken. A body beside too many others is refused with 503; of the answers those are cut
  /// off that have waited longest. Of a body in gzip what it was decoded to counts.
  public var memory = 512 << 20
  /// How many connections are open at the same time. For a further one that is closed which has been idle longest, or
  /// has kept us waiting longest for a request; it waits in the system's queue where there is none. Half of the
  /// descriptors that the process may have is the most: what the requests need are descriptors, too.
  public var maxConnections = 10_000

  /// Bytes of a body, where the endpoint does not say; more is answered with 413.
  public var maxBody = 10 << 20
  /// The most bytes of a body that an endpoint may say; nil for any number.
  public var maxBodyCeiling: Int?

  /// The defaults.
  public init() {}
}
