internal import CReactor

/// What a file descriptor can be waited for, and what it turned out to be ready for.
public struct Readiness: OptionSet, Sendable {
  /// The `EPOLL…` bits.
  public let rawValue: UInt32

  /// The bits of `epoll_event.events`.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// A read would not block: bytes, a connection to accept, or the end of the stream.
  public static let readable = Readiness(rawValue: EPOLLIN.rawValue)
  /// A write would not block, or a connect has ended.
  public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
  /// Both halves are closed; always reported, need not be asked for.
  public static let hangUp = Readiness(rawValue: EPOLLHUP.rawValue)
  /// The descriptor has an error pending; always reported, need not be asked for.
  public static let failed = Readiness(rawValue: EPOLLERR.rawValue)
  /// Wakes one of the reactors that wait for the same descriptor, not all: for listening sockets.
  public static let exclusive = Readiness(rawValue: UInt32(EPOLLEXCLUSIVE.rawValue))
}

/// Takes the readiness of one file descriptor. Called on the reactor's thread only.
public protocol ReadinessHandler: AnyObject {
  /// The descriptor became ready. A stale call after another handler's work in the same turn is possible: reads and
  /// writes must not block, and find out for themselves.
  func ready(_ readiness: Readiness)
}
