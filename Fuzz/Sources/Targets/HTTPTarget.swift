import Omnibus

@testable import OmnibusHTTP

extension FuzzTarget {
  /// Requests one after another, each with its body, as a connection reads them: what comes in pieces must be read as
  /// what comes at once is. The first byte says how large the pieces are.
  static let http = FuzzTarget(name: "http") { bytes in
    guard let first = bytes.first else { return }
    let input = Array(bytes.dropFirst())
    var whole = RequestReading()
    whole.receive(input)
    var pieces = RequestReading()
    let size = Int(first % 31) + 1
    for start in stride(from: 0, to: input.count, by: size) {
      pieces.receive(Array(input[start..<min(start + size, input.count)]))
    }
    // Which of two wrongs is found first may depend on the pieces; that there is one must not.
    try hold((whole.refusal == nil) == (pieces.refusal == nil), "\(whole.refusal as Any), \(pieces.refusal as Any)")
    try hold(whole.requests == pieces.requests, "\(whole.requests) at once, \(pieces.requests) in pieces")
    for request in whole.requests { try request.check() }
  }
}

/// What a connection does with bytes that come in, without the connection.
private struct RequestReading {
  struct Request: Equatable, CustomStringConvertible {
    var method: String
    var target: String
    var path: String
    var fields: [String]
    var body: [UInt8]

    var description: String { "\(method) \(target) \(fields) \(body)" }

    /// What handlers rely on.
    func check() throws {
      try hold(!method.isEmpty && !target.isEmpty && !path.isEmpty, "an empty part in \(self)")
      let texts = [method, target, path] + fields
      try hold(texts.allSatisfy { !$0.utf8.contains { $0 < 0x20 && $0 != 0x09 } }, "a control character in \(self)")
    }
  }

  private(set) var requests: [Request] = []
  private(set) var refusal: HTTPRefusal?
  private var pending: [UInt8] = []
  private var current: Request?
  private var body = RequestBodyReader()

  private static let limits: HTTPLimits = {
    var limits = HTTPLimits()
    limits.requestLine = 200
    limits.headerBytes = 800
    limits.headerCount = 10
    limits.chunkExtensions = 50
    return limits
  }()

  mutating func receive(_ bytes: [UInt8]) {
    guard refusal == nil else { return }
    pending += bytes
    do throws(HTTPRefusal) {
      while !pending.isEmpty { guard try step() else { return } }
    } catch {
      refusal = error
    }
  }

  /// Reads a header or on in a body; false where more is needed.
  private mutating func step() throws(HTTPRefusal) -> Bool {
    let input = pending
    if current == nil {
      let parser = RequestHeadParser(limits: Self.limits)
      let parsed = try input.withUnsafeBufferPointer { bytes throws(HTTPRefusal) in try parser.parse(bytes) }
      guard let (head, length) = parsed else { return false }
      pending.removeFirst(length)
      var fields: [String] = []
      head.headers.forEachField { name, value in
        fields.append("\(String(decoding: name, as: UTF8.self)): \(String(decoding: value, as: UTF8.self))")
      }
      current = Request(method: head.method, target: head.target, path: head.path, fields: fields, body: [])
      if case .length(let length) = head.framing, length > 1000 { throw .bodyTooLarge }
      body = RequestBodyReader(head.framing, limit: 1000, stream: nil)
    } else {
      var at = 0
      try input.withUnsafeBufferPointer { bytes throws(HTTPRefusal) in
        try body.read(bytes, &at, limits: Self.limits)
      }
      pending.removeFirst(at)
    }
    guard body.isDone, var request = current else { return true }
    if case .bytes(let bytes) = body.takeBody() { request.body = bytes }
    requests.append(request)
    current = nil
    return true
  }
}
