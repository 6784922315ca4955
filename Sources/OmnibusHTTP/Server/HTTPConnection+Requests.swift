internal import Omnibus
internal import OmnibusReactor

/// From bytes to requests.
extension HTTPConnection {
  /// Bodies of known length up to this are collected, also where the endpoint asks for streams.
  private static let smallBody = 64 << 10
  /// Body bytes that must come within the body time-out, again and again.
  private static let progressUnit = 16 << 10

  /// Works on what came in, as far as it goes, and answers how many bytes that took.
  func consume(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var at = 0
    var hasAnswered = false
    do throws(HTTPRefusal) {
      while at < bytes.count {
        switch reading {
        case .head:
          guard !isAnswering, !isYielding, backlog.isEmpty else { return at }
          guard !hasAnswered else {
            yieldTurn()
            return at
          }
          guard try readHead(bytes, &at) else { return at }
          hasAnswered = true
        case .body: try readBody(bytes, &at)
        case .ahead: return at
        case .nothing: return bytes.count
        }
        if socket.isClosed { return bytes.count }
      }
    } catch {
      refuse(error)
      return bytes.count
    }
    return at
  }

  /// Reads the next request, which has come already, when the other connections have had their turn.
  private func yieldTurn() {
    isYielding = true
    socket.reactor.execute { [weak self] in
      guard let self else { return }
      isYielding = false
      proceed()
    }
  }

  /// Reads a header and begins its request; false when it is not there as a whole. An empty line before it is refused
  /// like any other line that is none: RFC 9112, 2.2, would have it ignored for the sake of clients of the nineties, and
  /// what follows a body that was longer than its length said looks the same.
  private func readHead(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int) throws(HTTPRefusal) -> Bool {
    // The first byte of a handshake (RFC 8446, 5.1): a line end may be long in coming.
    if bytes[at] == 0x16 { throw HTTPRefusal(400, "this port speaks http, not https") }
    guard let (head, length) = try shard.parser.parse(UnsafeBufferPointer(rebasing: bytes[at...])) else {
      if !isHeadBegun {
        isHeadBegun = true
        setReadDeadline(after: shard.limits.headerTimeout)
      }
      return false
    }
    isHeadBegun = false
    at += length
    try begin(head, hasMore: at < bytes.count)
    return true
  }

  private func readBody(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int) throws(HTTPRefusal) {
    let before = at
    try body.read(bytes, &at, limits: shard.limits)
    try countBody(body.heldBytes)
    if body.isDone { return endBody() }
    bodyProgress += at - before
    guard bodyProgress >= Self.progressUnit || readDeadline == .max else { return }
    bodyProgress = 0
    setReadDeadline(after: shard.limits.bodyTimeout)
  }

  private func endBody() {
    readDeadline = .max
    reading = .ahead
    if let stream = body.stream { return stream.finish() }
    exchange?.body = body.takeBody()
    answerSoon()
  }

  private func begin(_ head: RequestHead, hasMore: Bool) throws(HTTPRefusal) {
    isLast = !head.keepsAlive || shard.isClosing
    guard head.path != "*" else { return answerAtOnce(head, 204, nil) }
    if head.method == "OPTIONS", let preflight = shard.preflight(head) { return answerAtOnce(head, preflight) }
    switch shard.match(head) {
    case .nothing:
      answerAtOnce(head, 404, "nothing is served at this path")
    case .otherMethods(let methods):
      var allow = methods
      if !allow.contains("OPTIONS") { allow.append("OPTIONS") }
      let headers: Headers = ["Allow": allow.sorted().joined(separator: ", ")]
      if head.method == "OPTIONS" { return answerAtOnce(head, 204, nil, headers) }
      answerAtOnce(head, 405, "this path is not served for this method", headers)
    case .endpoint(let slot, let captures):
      if let refusal = slot.endpoint.admit?(head.headers, head.query, head.hasBody, socket.remote) {
        slot.end()
        return answerAtOnce(head, refusal)
      }
      exchange = Exchange(head: head, slot: slot, captures: captures, body: .empty)
      try beginBody(head, slot.endpoint, hasMore: hasMore)
    }
  }

  private func beginBody(_ head: RequestHead, _ endpoint: HTTPEndpoint, hasMore: Bool) throws(HTTPRefusal) {
    if case .length(let length) = head.framing, length > endpoint.maxBody { throw .bodyTooLarge }
    let stream = makeStream(head.framing, endpoint)
    body = RequestBodyReader(head.framing, limit: endpoint.maxBody, stream: stream)
    if body.isDone {
      reading = .ahead
      readDeadline = .max
      return answerSoon()
    }
    reading = .body
    bodyProgress = 0
    setReadDeadline(after: shard.limits.bodyTimeout)
    if head.expectsContinue, !hasMore { Array("HTTP/1.1 100 Continue\r\n\r\n".utf8).withUnsafeBytes { send($0) } }
    guard let stream else { return }
    var length: Int?
    if case .length(let known) = head.framing { length = known }
    exchange?.body = .stream(BodyStream(length: length) { try await stream.next() })
    answerSoon()
  }

  private func makeStream(_ framing: RequestHead.Framing, _ endpoint: HTTPEndpoint) -> RequestStream? {
    guard endpoint.streamsBody else { return nil }
    switch framing {
    case .none: return nil
    case .length(let length) where length <= Self.smallBody: return nil
    case .length, .chunked: break
    }
    return RequestStream { [weak self, reactor = socket.reactor] in
      reactor.execute { [weak self] in self?.resumeBody() }
    }
  }

  /// Reads on after the handler has made room.
  private func resumeBody() {
    guard !socket.isClosed, reading == .body else { return }
    setReadDeadline(after: shard.limits.bodyTimeout)
    watch()
  }

  private func answerSoon() {
    isAnswering = true
    shard.workers.answer(self)
  }

  private func answerAtOnce(_ head: RequestHead, _ status: Int, _ detail: String?, _ headers: Headers = Headers()) {
    answerAtOnce(head, HTTPResponse(status, detail, headers))
  }

  /// Answers without a handler. The connection stays if the request has no body.
  private func answerAtOnce(_ head: RequestHead, _ response: HTTPResponse) {
    if head.hasBody { isLast = true }
    reading = isLast ? .nothing : .head
    respondAtOnce(response, isVersion10: head.isVersion10, isHead: head.method == "HEAD")
    if isLast || backlog.isEmpty { proceedAfterOwnAnswer() }
  }

  private func proceedAfterOwnAnswer() {
    guard !socket.isClosed, backlog.isEmpty else { return }
    if isLast { return linger() }
    setReadDeadline(after: shard.limits.idleTimeout)
  }
}
