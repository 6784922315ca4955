internal import CCurl
internal import Glibc
internal import Omnibus
internal import OmnibusReactor

/// One reactor's libcurl: a multi handle whose sockets and timer are the reactor's, with its connections and a pool of
/// easy handles.
// @unchecked: touched by its reactor's thread alone.
final class CurlLoop: @unchecked Sendable {
  /// Idle connections that are kept; must not be below the concurrency, or connections come and go with each request.
  private static let maxConnections = 4096
  /// Easy handles that are kept for later requests.
  private static let maxIdleHandles = 512

  private unowned let reactor: Reactor
  private let multi: UnsafeMutableRawPointer
  private var handles: [CurlHandle] = []
  private var idle: [CurlHandle] = []
  private var sockets: [CurlSocket?] = []
  private var timer: (handle: TimerHandle, deadline: UInt64)?
  private var deadline: UInt64?
  private var isKickQueued = false
  private var hasActed = false
  private var isClosing = false
  private var running: Int32 = 0

  /// The loop of the reactor that runs the caller.
  static func of(_ reactor: Reactor) -> CurlLoop {
    reactor.local(CurlLoop.self) { reactor in
      let loop = CurlLoop(reactor)
      reactor.addTurnHook { [unowned loop] in if loop.hasActed { loop.collect() } }
      return loop
    }
  }

  private init(_ reactor: Reactor) {
    self.reactor = reactor
    guard let multi = curl_multi_init() else { preconditionFailure("out of memory") }
    self.multi = multi
    let this = Unmanaged.passUnretained(self).toOpaque()
    omnibus_curlm_set_long(multi, CURLMOPT_MAXCONNECTS, Self.maxConnections)
    omnibus_curlm_set_pointer(multi, CURLMOPT_SOCKETDATA, this)
    omnibus_curlm_set_pointer(multi, CURLMOPT_TIMERDATA, this)
    omnibus_curlm_set_socket(multi) { _, descriptor, what, this, _ in
      if let this { CurlLoop.from(this).watch(descriptor, what) }
      return 0
    }
    omnibus_curlm_set_timer(multi) { _, milliseconds, this in
      if let this { CurlLoop.from(this).setTimer(milliseconds) }
      return 0
    }
  }

  deinit {
    // The reactor is going away with its registrations: only memory and descriptors are left to give back.
    isClosing = true
    omnibus_curlm_set_socket(multi, nil)
    omnibus_curlm_set_timer(multi, nil)
    for handle in handles {
      curl_multi_remove_handle(multi, handle.easy)
      handle.close()
    }
    curl_multi_cleanup(multi)
  }

  static func from(_ pointer: UnsafeMutableRawPointer) -> CurlLoop {
    Unmanaged<CurlLoop>.fromOpaque(pointer).takeUnretainedValue()
  }

  // MARK: transfers

  /// Starts a transfer and gives the handle that it runs on; what is wrong with the request is thrown.
  func start(_ transfer: Transfer) throws(Failure) -> CurlHandle {
    let handle = takeHandle()
    do throws(Failure) {
      try handle.prepare(transfer)
    } catch {
      recycle(handle)
      throw error
    }
    guard curl_multi_add_handle(multi, handle.easy) == CURLM_OK else {
      recycle(handle)
      throw Failure(.internal, "libcurl did not take the request")
    }
    return handle
  }

  /// Ends a transfer that is under way; its connection is closed. Not to be called within libcurl's callbacks.
  func abort(_ handle: CurlHandle) {
    curl_multi_remove_handle(multi, handle.easy)
    recycle(handle)
  }

  private func takeHandle() -> CurlHandle {
    if let handle = idle.popLast() { return handle }
    let handle = CurlHandle(loop: self, place: handles.count)
    handles.append(handle)
    return handle
  }

  private func recycle(_ handle: CurlHandle) {
    handle.transfer = nil
    guard idle.count >= Self.maxIdleHandles else {
      idle.append(handle)
      return
    }
    let last = handles.removeLast()
    if last !== handle {
      handles[handle.place] = last
      last.place = handle.place
    }
    handle.close()
  }

  /// Ends the transfers that libcurl is done with.
  private func collect() {
    hasActed = false
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      let code = omnibus_curl_result(message)
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
        let handle = CurlHandle.of(easy)
      else { continue }
      let transfer = handle.transfer
      let systemError = code == CURLE_OK ? 0 : handle.systemError
      let tunnelStatus = code == CURLE_OK ? 0 : handle.tunnelStatus
      curl_multi_remove_handle(multi, easy)
      recycle(handle)
      transfer?.finish(code, systemError: systemError, tunnelStatus: tunnelStatus)
    }
  }

  // MARK: sockets

  /// Hands readiness to libcurl; what that completes is collected at the end of the reactor's turn.
  func act(_ descriptor: Int32, _ mask: Int32) {
    curl_multi_socket_action(multi, descriptor, mask, &running)
    hasActed = true
  }

  /// Makes a socket that `closeSocket` will be called for.
  func openSocket(_ address: curl_sockaddr) -> Int32 {
    let descriptor = socket(address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.`protocol`)
    if descriptor >= 0 { place(CurlSocket(descriptor, isKept: true, loop: self, reactor: reactor)) }
    return descriptor
  }

  func closeSocket(_ descriptor: Int32) -> Int32 {
    if !isClosing, Int(descriptor) < sockets.count {
      sockets[Int(descriptor)]?.unregister()
      sockets[Int(descriptor)] = nil
    }
    return close(descriptor)
  }

  private func place(_ socket: CurlSocket) {
    let place = Int(socket.descriptor)
    if place >= sockets.count { sockets.append(contentsOf: repeatElement(nil, count: place + 64 - sockets.count)) }
    sockets[place] = socket
  }

  private func watch(_ descriptor: Int32, _ what: Int32) {
    let known = Int(descriptor) < sockets.count ? sockets[Int(descriptor)] : nil
    guard what != CURL_POLL_REMOVE else {
      known?.rest()
      if known?.isKept == false { sockets[Int(descriptor)] = nil }
      return
    }
    let socket = known ?? CurlSocket(descriptor, isKept: false, loop: self, reactor: reactor)
    if known == nil { place(socket) }
    socket.watch(what)
  }

  // MARK: the timer

  /// Libcurl wants to be called in so many milliseconds: 0 at once, -1 not at all. A timer that is already set for an
  /// earlier moment is left: asking again then is cheaper than moving it with every request.
  private func setTimer(_ milliseconds: Int) {
    guard milliseconds > 0 else {
      deadline = nil
      if milliseconds == 0 { queueKick() }
      return
    }
    let deadline = MonotonicTime.now + UInt64(milliseconds) * 1_000_000
    self.deadline = deadline
    arm(deadline)
  }

  private func arm(_ deadline: UInt64) {
    if let timer {
      if timer.deadline <= deadline { return }
      reactor.cancel(timer.handle)
    }
    let now = MonotonicTime.now
    let delay = Duration.nanoseconds(Int64(deadline > now ? deadline - now : 0))
    timer = (reactor.schedule(after: delay) { [unowned self] in timerFired() }, deadline)
  }

  private func timerFired() {
    timer = nil
    guard let deadline else { return }
    guard deadline <= MonotonicTime.now else {
      arm(deadline)
      return
    }
    self.deadline = nil
    kick()
  }

  /// Calls libcurl once for all transfers that were started in this round of the reactor's work.
  private func queueKick() {
    guard !isKickQueued else { return }
    isKickQueued = true
    reactor.execute { [unowned self] in
      isKickQueued = false
      kick()
    }
  }

  private func kick() {
    // CURL_SOCKET_TIMEOUT
    curl_multi_socket_action(multi, -1, 0, &running)
    collect()
  }
}
