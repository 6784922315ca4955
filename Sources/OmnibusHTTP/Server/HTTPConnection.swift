internal import Omnibus
internal import OmnibusReactor

/// One connection of a client: reads requests, has them answered one after another, writes the answers in that order.
/// Touched by its reactor's thread alone.
///
/// At any time it reads at most one request ahead of what it answers, so answers need no queue; what a client sends
/// beyond that stays in the system's buffer, whose bound is felt by the client.
final class HTTPConnection: ReadinessHandler, @unchecked Sendable {  // see above: one thread
  /// What the bytes that come in belong to.
  enum Reading {
    /// A request's header, or nothing yet.
    case head
    /// The body of the request in `exchange`.
    case body
    /// The next request, which waits for the answer to this one.
    case ahead
    /// Nothing: the connection is about to be closed.
    case nothing
  }

  /// A request that was read, or whose body is being read, and is to be answered.
  struct Exchange {
    var head: RequestHead
    var slot: EndpointSlot
    var captures: [(name: String, value: String)]
    var body: Body
  }

  /// How many bytes are read ahead while a request is worked on.
  private static let readAhead = 64 << 10
  /// How many bytes are thrown away, and for how long, so that the client can read the answer before the reset.
  private static let lingerBytes = 1 << 20
  private static let lingerTime: UInt64 = 2_000_000_000
  /// Bytes of an answer that move `writeDeadline` once they were taken.
  private static let writeUnit = 16 << 10
  /// How long a connection must have been idle, and how long a request that has begun must have kept us waiting, before
  /// another connection may have its place, in nanoseconds.
  private static let idleAge: UInt64 = 200_000_000
  private static let begunAge: UInt64 = 1_000_000_000

  let socket: TCPConnection
  let shard: HTTPShard
  /// What the connection was made to speak TLS by; nil in the clear.
  let security: TLSServer?
  var reading = Reading.head
  /// The request that is being answered, or whose body is being read.
  var exchange: Exchange?
  /// Whether a task is at the request.
  var isAnswering = false
  /// That task, as long as the handler runs in it.
  var answering: UnsafeCurrentTask?
  /// Whether the connection ends with the present answer.
  var isLast = false
  var body = RequestBodyReader()
  /// What the answer must be, whatever the handler says: the body of its request turned out wrong.
  var overruling: HTTPRefusal?
  var backlog = OutputBacklog()
  var drained: UnsafeContinuation<Void, Never>?
  /// Monotonic nanoseconds at which what is being read must have come.
  var readDeadline = UInt64.max
  /// Since when that is waited for.
  private(set) var waitingSince: UInt64 = 0
  /// Body bytes that move `readDeadline` once they have come.
  var bodyProgress = 0
  /// Whether the first bytes of a header have come.
  var isHeadBegun = false
  private(set) var writeDeadline = UInt64.max
  private var writeProgress = 0
  /// What of the bytes that the shard holds is this connection's: of its request's body, and of its answer.
  private var heldBody = 0
  private var heldBacklog = 0
  /// Whether requests that were read wait for the next turn, so that other connections have theirs.
  var isYielding = false
  /// What was read and is not worked on yet.
  var pending: [UInt8] = []
  private var peerEnded = false
  private var lingered = 0
  /// Whether the handshake of TLS is not over.
  private(set) var isShakingHands = false
  /// What a route sees of TLS as `properties.tls`; made for the first request.
  private(set) lazy var tls: Value? = socket.security?.properties

  init(_ socket: TCPConnection, shard: HTTPShard, security: TLSServer?) {
    self.socket = socket
    self.shard = shard
    self.security = security
  }

  func start() {
    isShakingHands = !socket.isEstablished
    setReadDeadline(after: isShakingHands ? shard.limits.headerTimeout : shard.limits.idleTimeout)
    do {
      try socket.start(.readable, handler: self)
    } catch {
      close()
    }
  }

  func ready(_ readiness: Readiness) {
    if readiness.contains(.writable) { flush() }
    if readiness.contains(.readable), !socket.isClosed { receive() }
    guard !socket.isClosed, !readiness.isDisjoint(with: [.hangUp, .failed]) else { return }
    if !socket.interest.contains(.readable) || !readiness.contains(.readable) { close() }
  }

  func setReadDeadline(after timeout: Duration) {
    waitingSince = MonotonicTime.now
    readDeadline = waitingSince &+ timeout.nanosecondsClamped
  }

  /// Whether the connection waits for a request, or for the rest of one that no handler has seen yet, and has done so
  /// for a while.
  func isEvictable(at now: UInt64) -> Bool {
    guard !isAnswering, !isYielding, backlog.isEmpty else { return false }
    switch reading {
    case .head where pending.isEmpty, .nothing: return waitingSince &+ Self.idleAge <= now
    case .head, .body: return waitingSince &+ Self.begunAge <= now
    case .ahead: return false
    }
  }

  /// Cancels the handler of `slot` that answers, and breaks the body that it waits for.
  func giveUp(_ slot: EndpointSlot) {
    guard exchange?.slot === slot else { return }
    // Afterwards, so that who reads the body is told why it ends.
    defer { answering?.cancel() }
    guard reading == .body else { return }
    guard let stream = body.stream else {
      return refuse(HTTPRefusal(503, "what is served at this path ended while the body was being read"))
    }
    isLast = true
    reading = .nothing
    stream.fail(Failure(.cancelled, "the route ended while the body was being read"))
    watch()
  }

  /// Goes on when a request was answered, or what had to be written first was.
  func proceed() {
    guard !socket.isClosed, !isAnswering, !isYielding, exchange == nil, backlog.isEmpty else { return }
    if isLast { return linger() }
    reading = .head
    setReadDeadline(after: shard.limits.idleTimeout)
    if !pending.isEmpty { consumePending() }
    guard !socket.isClosed, !isAnswering, !isYielding, reading == .head else { return }
    if peerEnded || (shard.isClosing && pending.isEmpty) { return close() }
    watch()
  }

  /// Closes the connection unless a request is being read or answered; then it is closed after that.
  func closeWhenIdle() {
    guard reading == .head, pending.isEmpty, !isAnswering, backlog.isEmpty else { return }
    receive()
    guard !socket.isClosed, reading == .head, pending.isEmpty, !isAnswering, backlog.isEmpty else { return }
    close()
  }

  /// Ends the connection after the answers to what it has read the header of, at once where there is none: it reads no
  /// other.
  func retire() {
    isLast = true
    guard reading == .head, !isAnswering, !isYielding, backlog.isEmpty else { return }
    close()
  }

  /// Closes the connection if it kept us waiting for longer than it may.
  func expire(at now: UInt64) {
    if now >= writeDeadline { return abort() }
    guard now >= readDeadline else { return }
    readDeadline = .max
    switch reading {
    case .head where pending.isEmpty, .nothing: close()
    case .head: refuse(HTTPRefusal(408, "the header of the request did not come in time"))
    case .body: refuse(HTTPRefusal(408, "the body of the request did not come in time"))
    case .ahead: break
    }
  }

  func close() {
    guard !socket.isClosed else { return }
    socket.close()
    ended()
  }

  /// Closes so that the client sees that the answer is not whole.
  func abort() {
    guard !socket.isClosed else { return }
    socket.abort()
    ended()
  }

  /// Cancels the handler that answers, if there is one, and closes so that the client sees that there is no answer.
  func giveUp() {
    answering?.cancel()
    abort()
  }

  // MARK: reading

  private func receive() {
    switch socket.read(into: shard.input) {
    case .bytes(let count):
      accept(UnsafeBufferPointer(rebasing: shard.input.bindMemory(to: UInt8.self)[..<count]))
    case .blocked: break
    case .failed: close()
    case .broken(let error):
      guard error.kind == .plainHTTP, !socket.isEstablished else { return close() }
      socket.dropTLS()
      refuse(HTTPRefusal(400, "this port speaks https, not http"))
    case .ended: receiveEnd()
    }
    guard isShakingHands, socket.isEstablished else { return }
    isShakingHands = false
    if reading == .head, !isHeadBegun { setReadDeadline(after: shard.limits.idleTimeout) }
  }

  private func accept(_ bytes: UnsafeBufferPointer<UInt8>) {
    if reading == .nothing {
      lingered += bytes.count
      if lingered > Self.lingerBytes { close() }
      return
    }
    if pending.isEmpty {
      let used = consume(bytes)
      if used < bytes.count, !socket.isClosed, reading != .nothing { pending.append(contentsOf: bytes[used...]) }
    } else {
      let before = pending.count
      pending.append(contentsOf: bytes)
      if reading != .head || bytes.contains(0x0A) || isOverLimit(before: before) { consumePending() }
    }
    if !socket.isClosed { watch() }
  }

  /// Whether a header without a line end in what just came is worth another look: without this rule a client that sends
  /// byte by byte would have each byte read thousands of times.
  private func isOverLimit(before: Int) -> Bool {
    let limits = shard.limits
    return pending.count > limits.headerBytes || (before <= limits.requestLine && pending.count > limits.requestLine)
  }

  func consumePending() {
    var input: [UInt8] = []
    swap(&input, &pending)
    let used = input.withUnsafeBufferPointer { consume($0) }
    guard used < input.count, !socket.isClosed, reading != .nothing else { return }
    input.removeFirst(used)
    pending = input
  }

  /// A client that only closed its sending half still gets its answers.
  private func receiveEnd() {
    peerEnded = true
    guard isAnswering || isYielding || !backlog.isEmpty, reading != .nothing else { return close() }
    if reading == .body { body.stream?.fail(Failure(.cancelled, "the client closed the connection in the body")) }
    watch()
  }

  /// Asks for what the connection waits for.
  func watch() {
    var interest: Readiness = backlog.isEmpty ? [] : .writable
    if mayRead { interest.insert(.readable) }
    socket.watch(interest)
  }

  private var mayRead: Bool {
    if peerEnded { return false }
    switch reading {
    case .head, .nothing: return pending.count <= shard.limits.headerBytes + Self.readAhead
    case .ahead: return pending.count < Self.readAhead
    case .body:
      guard let stream = body.stream, stream.pauseIfFull() else { return true }
      readDeadline = .max
      return false
    }
  }

  // MARK: writing

  /// Sends `first` and then `second`; what the system does not take now is sent when it does.
  func send(_ first: UnsafeRawBufferPointer, then second: [UInt8] = []) {
    guard !socket.isClosed else { return }
    var sent = 0
    if backlog.isEmpty {
      switch second.withUnsafeBytes({ socket.write(first, $0) }) {
      case .bytes(let count): sent = count
      case .blocked, .ended: break
      case .failed, .broken: return close()
      }
      if sent == first.count + second.count { return }
    }
    if backlog.isEmpty { setWriteDeadline() }
    backlog.add(first, second, from: sent)
    watch()
    countBacklog()
    shard.shed()
  }

  private func setWriteDeadline() {
    writeProgress = 0
    writeDeadline = MonotonicTime.now &+ shard.limits.writeTimeout.nanosecondsClamped
  }

  /// Counts what the answer holds.
  private func countBacklog() {
    shard.heldAnswers += backlog.bytes.count - heldBacklog
    heldBacklog = backlog.bytes.count
  }

  /// Counts what the request's body holds; refuses what is too much beside the bodies of others.
  func countBody(_ bytes: Int) throws(HTTPRefusal) {
    let fits = shard.bodies.add(bytes - heldBody, own: bytes)
    heldBody = bytes
    guard fits else { throw .noMemory }
  }

  /// The body of the request is not held any more.
  func releaseBody() {
    guard heldBody > 0 else { return }
    shard.bodies.remove(heldBody)
    heldBody = 0
  }

  private func flush() {
    switch backlog.bytes.withUnsafeBytes({ socket.write(UnsafeRawBufferPointer(rebasing: $0[backlog.start...])) }) {
    case .bytes(let count):
      backlog.remove(count)
      countBacklog()
      writeProgress += count
      if writeProgress >= Self.writeUnit { setWriteDeadline() }
    case .blocked, .ended: return
    case .failed, .broken: return close()
    }
    guard backlog.isEmpty else { return }
    writeDeadline = .max
    watch()
    if let drained {
      self.drained = nil
      drained.resume()
    } else {
      proceed()
    }
  }

  // MARK: ending

  /// Says that nothing more will be sent, and reads on for a moment: to close while the client still sends would reset
  /// the connection, and could take the answer away before the client has read it (RFC 9112, 9.6).
  func linger() {
    if peerEnded { return close() }
    reading = .nothing
    pending = []
    readDeadline = MonotonicTime.now &+ Self.lingerTime
    socket.shutdownSending()
    watch()
  }

  private func ended() {
    pending = []
    backlog = OutputBacklog()
    countBacklog()
    if !isAnswering { releaseBody() }
    readDeadline = .max
    writeDeadline = .max
    body.stream?.fail(Failure(.cancelled, "the client closed the connection in the body"))
    drained?.resume()
    drained = nil
    if !isAnswering, let exchange {
      exchange.slot.end()
      self.exchange = nil
    }
    shard.forget(self)
  }
}
