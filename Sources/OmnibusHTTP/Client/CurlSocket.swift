internal import CCurl
internal import OmnibusReactor

/// A socket of libcurl on a reactor. It stays registered between the requests of a kept connection: taking it out and
/// putting it back would cost two system calls a request.
final class CurlSocket: ReadinessHandler {
  let descriptor: Int32
  /// Whether libcurl says when it closes the socket; a helper socket of its own must leave at once.
  let isKept: Bool
  private unowned let loop: CurlLoop
  private unowned let reactor: Reactor
  private var registered: Readiness = []
  private var isWanted = false

  init(_ descriptor: Int32, isKept: Bool, loop: CurlLoop, reactor: Reactor) {
    self.descriptor = descriptor
    self.isKept = isKept
    self.loop = loop
    self.reactor = reactor
  }

  func ready(_ readiness: Readiness) {
    guard isWanted else {
      // The peer of an idle connection closed it, or talks out of turn; libcurl finds out before it uses it again.
      unregister()
      return
    }
    var mask: Int32 = 0
    if readiness.contains(.readable) { mask |= CURL_CSELECT_IN }
    if readiness.contains(.writable) { mask |= CURL_CSELECT_OUT }
    if !readiness.isDisjoint(with: [.failed, .hangUp]) { mask |= CURL_CSELECT_ERR }
    loop.act(descriptor, mask)
  }

  /// Waits for what libcurl asks for.
  func watch(_ what: Int32) {
    var interest: Readiness = []
    if what & CURL_POLL_IN != 0 { interest.insert(.readable) }
    if what & CURL_POLL_OUT != 0 { interest.insert(.writable) }
    isWanted = true
    guard interest != registered else { return }
    do throws(SystemError) {
      if registered.isEmpty {
        try reactor.register(descriptor, interest, handler: self)
      } else {
        try reactor.update(descriptor, interest)
      }
      registered = interest
    } catch {
      // The transfer cannot go on and ends by its time-out; telling libcurl would end all transfers of the loop.
      unregister()
    }
  }

  /// Libcurl asks for nothing at present.
  func rest() {
    isWanted = false
    if !isKept { unregister() }
  }

  func unregister() {
    guard !registered.isEmpty else { return }
    reactor.unregister(descriptor)
    registered = []
  }
}
