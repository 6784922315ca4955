import Omnibus
import OmnibusCrypto
import OmnibusTesting
import OmnibusXML
import Synchronization

extension ObjectStore {
  /// What is answered.
  struct Answer {
    var status = 200
    var headers: [String: String] = [:]
    var body: [UInt8] = []
    /// An object that is answered without being held.
    var hole = 0

    init(_ status: Int = 200, _ headers: [String: String] = [:], body: [UInt8] = []) {
      self.status = status
      self.headers = headers
      self.body = body
    }

    static func error(_ status: Int, _ code: String) -> Answer {
      var writer = XMLWriter()
      writer.start("Error")
      writer.element("Code", code)
      writer.element("Message", "what was sent")
      writer.element("RequestId", "REQUEST1")
      writer.end()
      return Answer(status, ["content-type": "application/xml"], body: writer.bytes)
    }
  }

  /// Answers a request. Whether the connection goes on.
  func serve(_ head: TestHTTPConnection.Request, _ connection: TestHTTPConnection) -> Bool {
    var request = StoreRequest(head)
    let fault = state.withLock { $0.fault }(request)
    var most = Int.max
    if case .cut(let count) = fault { most = count }
    var check = CyclicCheck(.crc32c)
    let digest = RunningDigest(.sha256)
    let tag = RunningDigest(.md5)
    let content = connection.content(of: head, most: most) {
      check.update($0)
      digest.update($0)
      tag.update($0)
    }
    guard let content else { return false }
    request.content = content
    requests.append(request)
    let sums = ["crc32c": check.value, "sha256": digest.finish()]
    let etag = "\"\(Self.hex(tag.finish()))\""
    return write(respond(request, fault, sums, etag), request, fault, connection)
  }

  /// Nil for no answer.
  private func respond(_ request: StoreRequest, _ fault: Fault?, _ sums: [String: [UInt8]], _ etag: String) -> Answer? {
    switch fault {
    case .error(let status, let code): return .error(status, code)
    case .cut: return nil
    case .hang: return nil
    case .answer(let text): return Answer(body: Array(text.utf8))
    case .doneAndCut:
      _ = answer(request, etag)
      return nil
    case .truncate, .corrupt, nil: break
    }
    for (name, value) in sums {
      if let said = request.headers["x-amz-checksum-\(name)"], request.action != "complete",
        said != Base64.encode(value)
      {
        return .error(400, "BadDigest")
      }
    }
    if let said = request.headers["x-amz-content-sha256"], said.count == 64, said != Self.hex(sums["sha256"] ?? []) {
      return .error(400, "XAmzContentSHA256Mismatch")
    }
    return answer(request, etag)
  }

  private func write(
    _ answer: Answer?, _ request: StoreRequest, _ fault: Fault?, _ connection: TestHTTPConnection
  ) -> Bool {
    guard var answer else {
      if case .hang = fault { connection.drain() }
      return false
    }
    var length = answer.body.count + answer.hole
    if request.method == "HEAD" {
      answer.body = []
      answer.hole = 0
    }
    var head = "HTTP/1.1 \(answer.status) Answer\r\ncontent-length: \(length)\r\n"
    for (name, value) in answer.headers { head += "\(name): \(value)\r\n" }
    if case .truncate(let count) = fault { length = min(length, count) }
    if case .corrupt = fault, !answer.body.isEmpty { answer.body[0] ^= 1 }
    connection.write(Array((head + "\r\n").utf8) + answer.body.prefix(length))
    var left = min(answer.hole, length)
    let piece = [UInt8](repeating: 0x41, count: 1 << 16)
    while left > 0 {
      connection.write(left >= piece.count ? piece : Array(piece[..<left]))
      left -= min(left, piece.count)
    }
    if case .truncate = fault { return false }
    return true
  }
}
