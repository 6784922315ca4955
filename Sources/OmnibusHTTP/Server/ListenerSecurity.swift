internal import OmnibusReactor
internal import Synchronization

/// How connections to a listener are made secure, set by any thread, read by its reactors.
final class ListenerSecurity: Sendable {
  private let state = Mutex<TLSServer?>(nil)

  /// What a connection that is accepted now is made to speak TLS by; nil for connections in the clear.
  var current: TLSServer? { state.withLock { $0 } }

  /// Uses `tls` from now on, unless what is in use was made from the same; answers what is in use then,
  /// and whether that is another than before.
  func use(_ tls: TLSServer?) -> (current: TLSServer?, isNew: Bool) {
    state.withLock { current in
      let isNew = current?.configuration != tls?.configuration
      if isNew { current = tls }
      return (current, isNew)
    }
  }
}
