internal import Omnibus
internal import OmnibusReactor

/// From answers to bytes.
extension HTTPConnection {
  /// Bodies up to this are copied behind their header; larger ones are sent from where they are.
  private static let smallBody = 16 << 10

  /// Runs the handler of the request that was read, and writes its answer. Called by a task of the reactor.
  func answer() async {
    guard let exchange else { return }
    var request = HTTPRequest(
      method: exchange.head.method, target: exchange.head.target, path: exchange.head.path, query: exchange.head.query,
      captures: exchange.captures, headers: exchange.head.headers, body: exchange.body, remote: socket.remote,
      tls: socket.isSecure ? tls : nil)
    request.memory = shard.bodies
    self.exchange?.body = .empty
    answering = withUnsafeCurrentTask { $0 }
    let response = await exchange.slot.endpoint.handler(request)
    answering = nil
    if !socket.isClosed { await write(response, for: exchange) }
    exchange.slot.end()
    self.exchange = nil
    releaseBody()
    isAnswering = false
    proceed()
  }

  /// Refuses what is being read, and closes the connection after the answer.
  func refuse(_ refusal: HTTPRefusal) {
    if isAnswering {
      overruling = refusal
      isLast = true
      reading = .nothing
      body.stream?.fail(Failure(.invalid, refusal.detail))
      return watch()
    }
    shard.meters.refusedRequest()
    exchange?.slot.end()
    let head = exchange?.head
    exchange = nil
    body = RequestBodyReader()
    releaseBody()
    isLast = true
    reading = .nothing
    respondAtOnce(
      HTTPResponse(refusal.status, refusal.detail), isVersion10: head?.isVersion10 ?? false,
      isHead: head?.method == "HEAD")
    if !socket.isClosed, backlog.isEmpty { linger() }
  }

  /// Writes an answer that no handler made; its body is bytes or empty.
  func respondAtOnce(_ response: HTTPResponse, isVersion10: Bool, isHead: Bool) {
    let hasBody = response.status != 204 && response.status != 304
    var bytes: [UInt8] = []
    if hasBody, case .bytes(let body) = response.body { bytes = body }
    writeHead(response, hasBody ? .length(bytes.count) : .none, isVersion10: isVersion10, isHead: isHead, then: bytes)
  }

  private func write(_ response: HTTPResponse, for exchange: Exchange) async {
    var response = response
    let isVersion10 = exchange.head.isVersion10
    let isHead = exchange.head.method == "HEAD"
    if let overruling {
      self.overruling = nil
      return respondAtOnce(
        HTTPResponse(overruling.status, overruling.detail), isVersion10: isVersion10, isHead: isHead)
    }
    // What is left of a body that the handler did not want is not worth reading.
    if reading == .body { isLast = true }
    if shard.isClosing { isLast = true }
    if !(200...599).contains(response.status) { response = HTTPResponse(500, nil) }
    if case .document(let document) = response.body {
      do {
        response.body = .bytes(try document.serialize())
      } catch {
        response = HTTPResponse(500, nil)
      }
    }
    let hasBody = response.status != 204 && response.status != 304
    switch response.body {
    case .stream(let stream) where hasBody:
      let framing: ResponseEncoder.Framing =
        stream.length.map { .length($0) } ?? (isVersion10 ? .untilClose : .chunked)
      if framing == .untilClose { isLast = true }
      let isSent = writeHead(response, framing, isVersion10: isVersion10, isHead: isHead)
      if isSent, !isHead { await write(stream, framing) }
    case .bytes(let bytes) where hasBody:
      writeHead(response, .length(bytes.count), isVersion10: isVersion10, isHead: isHead, then: bytes)
    case .bytes, .stream, .document, .empty:
      writeHead(response, hasBody ? .length(0) : .none, isVersion10: isVersion10, isHead: isHead)
    }
  }

  /// Sends the header, and `body` behind it unless that is for the header alone. An answer that has a header which cannot
  /// be sent becomes a 500, and false.
  @discardableResult
  private func writeHead(
    _ response: HTTPResponse, _ framing: ResponseEncoder.Framing, isVersion10: Bool, isHead: Bool,
    then body: [UInt8] = []
  ) -> Bool {
    shard.output.removeAll(keepingCapacity: true)
    shard.meters.answered(response.status)
    let connection: ResponseEncoder.Connection = isLast ? .close : isVersion10 ? .keepAlive : .unsaid
    guard
      ResponseEncoder.encode(
        status: response.status, headers: response.headers, framing: framing, connection: connection,
        date: shard.date.fieldLine(), into: &shard.output)
    else {
      isLast = true
      let response = HTTPResponse(500, "the answer has a header that cannot be sent")
      respondAtOnce(response, isVersion10: isVersion10, isHead: isHead)
      return false
    }
    let body = isHead ? [] : body
    if body.count > Self.smallBody {
      shard.output.withUnsafeBytes { send($0, then: body) }
    } else {
      shard.output.append(contentsOf: body)
      shard.output.withUnsafeBytes { send($0) }
    }
    return true
  }

  /// Sends a stream, no faster than the client takes it. One that fails, or is not as long as it said, aborts the
  /// connection.
  private func write(_ stream: BodyStream, _ framing: ResponseEncoder.Framing) async {
    var left = stream.length ?? .max
    do {
      while !socket.isClosed {
        if !backlog.isEmpty { await withUnsafeContinuation { drained = $0 } }
        guard let piece = try await stream.next() else { break }
        guard piece.count <= left else { return abort() }
        left -= piece.count
        writePiece(piece, framing)
      }
    } catch {
      return abort()
    }
    guard stream.length == nil || left == 0 else { return abort() }
    if framing == .chunked { Array("0\r\n\r\n".utf8).withUnsafeBytes { send($0) } }
  }

  private func writePiece(_ piece: [UInt8], _ framing: ResponseEncoder.Framing) {
    guard framing == .chunked else { return piece.withUnsafeBytes { send($0) } }
    shard.output.removeAll(keepingCapacity: true)
    ResponseEncoder.appendChunkSize(piece.count, to: &shard.output)
    shard.output.append(contentsOf: piece)
    ResponseEncoder.append("\r\n", to: &shard.output)
    shard.output.withUnsafeBytes { send($0) }
  }
}

extension HTTPResponse {
  /// An answer of the server's own: a problem document (RFC 9457) where there is something to say. Nobody keeps it, for
  /// the next request may get another, and no browser takes it for something else.
  init(_ status: Int, _ detail: String?, _ headers: Headers = Headers()) {
    self.init(status: status, headers: headers)
    self.headers.append("Cache-Control", "no-store")
    self.headers.append("X-Content-Type-Options", "nosniff")
    guard let detail else { return }
    self.headers.append("Content-Type", "application/problem+json")
    let title = HTTPStatus.reason(status)
    body = .bytes(Array(#"{"status":\#(status),"title":"\#(title)","detail":"\#(detail.escaped)"}"#.utf8))
  }
}

extension String {
  /// The text inside a JSON string.
  fileprivate var escaped: String {
    self.reduce(into: "") { text, character in
      if character == "\"" || character == "\\" { text.append("\\") }
      text.append(character)
    }
  }
}
