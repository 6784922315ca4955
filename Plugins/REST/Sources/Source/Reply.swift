internal import Omnibus
internal import OmnibusHTTP

/// What a route answers a request with.
struct Reply {
  /// The type of a body that says none; nil leaves it without.
  var defaultType: String?

  /// The answer for the message at the end of the route. Of its headers `content-type` is sent and what the route has
  /// set; what came in with the request is not sent back.
  func response(_ message: Message, _ next: Next) throws(Failure) -> HTTPResponse {
    let status = try status(message)
    guard next == .next else {
      return HTTPResponse(status: status ?? 202, headers: added(message.headers, hasBody: false))
    }
    let body = try written(message.body)
    let isEmpty = if case .empty = body { true } else { false }
    var headers = added(message.headers, hasBody: !isEmpty)
    if !isEmpty, !headers.contains("content-type"), let type = type(of: message.body) {
      headers.append("content-type", type)
    }
    return HTTPResponse(status: status ?? (isEmpty ? 204 : 200), headers: headers, body: body)
  }

  private func status(_ message: Message) throws(Failure) -> Int? {
    guard let value = message.properties["status"] else { return nil }
    guard let status = value.int, 200...599 ~= status else {
      throw Failure(.internal, "properties.status is not a status of http, expected a whole number from 200 to 599")
    }
    return status
  }

  private func written(_ body: Body) throws(Failure) -> Body {
    switch body {
    case .document(let document): return .bytes(try document.serialize())
    case .stream(let stream):
      try stream.claim()
      return body
    case .bytes, .empty: return body
    }
  }

  private func type(of body: Body) -> String? {
    if case .document(let document) = body { document.mediaType } else { defaultType }
  }

  /// The headers that the route has set, and `content-type` where there is a body.
  private func added(_ headers: Headers, hasBody: Bool) -> Headers {
    var added = Headers()
    headers.forEachField { name, value, isInbound in
      guard isContentType(name) ? hasBody : !isInbound else { return }
      added.append(name: name, value: value)
    }
    return added
  }

  private func isContentType(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    guard name.count == 12 else { return false }
    let type: StaticString = "content-type"
    return type.withUTF8Buffer { type in name.indices.allSatisfy { name[$0] | 0x20 == type[$0] | 0x20 } }
  }
}
