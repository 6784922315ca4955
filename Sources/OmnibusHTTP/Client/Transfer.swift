internal import CCurl
internal import Omnibus
internal import OmnibusReactor

/// One request and its answer, from libcurl's callbacks to the tasks that wait.
// @unchecked: touched by its reactor's thread alone, once `start` was called.
final class Transfer: @unchecked Sendable {
  typealias Outcome = Result<HTTPClientResponse, Failure>

  let request: HTTPClientRequest
  private(set) var upload: Upload?
  private let reactor: Reactor
  private var handle: CurlHandle?
  private var waiter: UnsafeContinuation<Outcome, Never>?
  private var pump: Task<Void, Never>?
  private var failure: Failure?
  private var isOver = false
  private var isSent = false
  private var isSendPaused = false
  private var isReceivePaused = false
  private var head = ResponseHead()
  private var headers: Headers?
  private var body: [UInt8] = []
  private var reply: ReplyBuffer?

  init(_ request: HTTPClientRequest, on reactor: Reactor) {
    self.request = request
    self.reactor = reactor
    upload = Upload(request)
  }

  /// Starts on the reactor; `waiter` is resumed once, with the answer or its head.
  func start(_ waiter: UnsafeContinuation<Outcome, Never>) {
    guard reactor.isCurrent else {
      reactor.execute { [self] in begin(waiter) }
      return
    }
    begin(waiter)
  }

  private func begin(_ waiter: UnsafeContinuation<Outcome, Never>) {
    if let failure {
      waiter.resume(returning: .failure(failure))
      return
    }
    self.waiter = waiter
    do throws(Failure) {
      handle = try CurlLoop.of(reactor).start(self)
    } catch {
      end(error)
      return
    }
    if case .stream(let stream) = request.content { startPump(stream) }
  }

  /// Gives the transfer up; one that is over is left alone. On the reactor, outside libcurl's callbacks.
  func abort(_ failure: Failure) {
    guard !isOver else { return }
    if let handle { CurlLoop.of(reactor).abort(handle) }
    end(failure)
  }

  /// Libcurl is done.
  func finish(_ code: CURLcode, systemError: Int32, tunnelStatus: Int) {
    // Of a head that broke off libcurl thinks that it is all there is.
    let code = code == CURLE_OK && headers == nil ? CURLE_PARTIAL_FILE : code
    if failure == nil, code != CURLE_OK {
      failure =
        CurlFailure(
          code: code, systemError: systemError, tunnelStatus: tunnelStatus, isSent: isSent, request: request
        ).failure
    }
    end(failure)
  }

  private func end(_ failure: Failure?) {
    isOver = true
    handle = nil
    self.failure = failure
    pump?.cancel()
    pump = nil
    upload?.stop()
    reply?.end(failure)
    guard let waiter else { return }
    self.waiter = nil
    waiter.resume(returning: failure.map { .failure($0) } ?? .success(wholeResponse))
  }

  private var wholeResponse: HTTPClientResponse {
    let isEmpty = body.isEmpty && headers?.contains("content-type") != true
    return HTTPClientResponse(
      status: head.status, headers: headers ?? Headers(), body: isEmpty ? .empty : .bytes(body))
  }

  // MARK: sending

  /// Called before the request goes out, and again before libcurl sends it on a second connection because the first
  /// one broke. What may have taken effect is not sent twice.
  func willSend() -> Bool {
    if isSent, !request.isIdempotent {
      failure = Failure(.outcomeUnknown, "the connection was closed after the request was sent")
      return false
    }
    isSent = true
    return true
  }

  func giveBody(_ buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
    if let count = upload?.give(buffer) { return count }
    isSendPaused = true
    return Int(CURL_READFUNC_PAUSE)
  }

  func seekBody(to place: Int, _ origin: Int32) -> Int32 {
    // SEEK_SET is all that libcurl uses.
    origin == 0 && upload?.seek(to: place) == true ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
  }

  /// Reads the request's stream beside the transfer: the answer may begin while it is still being sent. The task ends
  /// with the transfer.
  private func startPump(_ stream: BodyStream) {
    pump = Task(executorPreference: reactor) { [self] in
      do {
        while let piece = try await stream.next() {
          guard await offer(piece) else { return }
        }
        changeUpload { $0.end() }
      } catch {
        abort(Failure(error))
      }
    }
  }

  private func offer(_ piece: [UInt8]) async -> Bool {
    await withUnsafeContinuation { continuation in
      guard !isOver else {
        continuation.resume(returning: false)
        return
      }
      changeUpload { $0.offer(piece, continuation) }
    }
  }

  private func changeUpload(_ change: (inout Upload) -> Failure?) {
    guard !isOver, var changed = upload else { return }
    let failure = change(&changed)
    upload = changed
    if let failure {
      abort(failure)
    } else if isSendPaused {
      isSendPaused = false
      applyPauses()
    }
  }

  private func applyPauses() {
    guard let handle else { return }
    let pauses = (isSendPaused ? CURLPAUSE_SEND : 0) | (isReceivePaused ? CURLPAUSE_RECV : 0)
    curl_easy_pause(handle.easy, pauses)
    // It hands over what it held back, which may have been refused.
    if let failure { abort(failure) }
  }

  // MARK: receiving

  func takeHeader(_ line: UnsafeBufferPointer<UInt8>) -> Int {
    // What comes after the head are trailers.
    guard headers == nil else { return line.count }
    switch head.take(line, follows: request.follows) {
    case .more: return line.count
    case .complete: return takeHead(head.headers) ? line.count : 0
    case .tooLarge:
      failure = request.failureAfterSending(Failure(.unavailable, "the answer's head is larger than expected"))
      return 0
    }
  }

  private func takeHead(_ headers: Headers) -> Bool {
    self.headers = headers
    let hasBody = request.method != "HEAD" && head.status != 204 && head.status != 304
    let length = headers["content-length"].flatMap { Int($0) }
    guard hasBody, length != 0 else { return true }
    if request.wantsStream {
      startReply(headers, length: length)
      return true
    }
    guard length ?? 0 <= request.maxResponse else {
      failure = tooLarge
      return false
    }
    body.reserveCapacity(min(length ?? 0, 1 << 20))
    return true
  }

  func takeBody(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    if let reply {
      if reply.take(bytes) { return bytes.count }
      isReceivePaused = true
      return Int(CURL_WRITEFUNC_PAUSE)
    }
    guard body.count + bytes.count <= request.maxResponse else {
      failure = tooLarge
      return 0
    }
    body.append(contentsOf: bytes)
    return bytes.count
  }

  private var tooLarge: Failure {
    Failure(.invalid, "the answer is larger than \(ByteSize(bytes: request.maxResponse))")
  }

  // MARK: streaming the answer

  private func startReply(_ headers: Headers, length: Int?) {
    reply = ReplyBuffer()
    let reader = ReplyReader(self, on: reactor)
    let stream = BodyStream(length: length) { try await reader.next() }
    waiter?.resume(
      returning: .success(HTTPClientResponse(status: head.status, headers: headers, body: .stream(stream))))
    waiter = nil
  }

  /// Hands the next piece of the answer to `reader`, when it is there.
  func readReply(_ reader: ReplyBuffer.Reader) {
    reply?.read(reader)
    guard isReceivePaused else { return }
    isReceivePaused = false
    applyPauses()
  }
}
