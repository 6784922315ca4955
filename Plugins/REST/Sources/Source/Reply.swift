internal import Omnibus
internal import OmnibusHTTP

/// What a route answers a request with.
struct Reply {
  /// The type of a body that says none; nil leaves it without.
  let defaultType: String?

  /// The answer for the message at the end of the route. Of its headers `content-type` is sent and what the route has
  /// set; what came in with the request is not sent back.
  func response(_ message: Message, _ next: Next, inbound: Headers) throws(Failure) -> HTTPResponse {
    let status = try status(message)
    guard next == .next else {
      return HTTPResponse(status: status ?? 202, headers: added(message.headers, inbound, hasBody: false))
    }
    let body = try written(message.body)
    let isEmpty = if case .empty = body { true } else { false }
    var headers = added(message.headers, inbound, hasBody: !isEmpty)
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

  /// The headers that came in with no request: `content-type` where there is a body, and those that are not as they
  /// were.
  private func added(_ headers: Headers, _ inbound: Headers, hasBody: Bool) -> Headers {
    var added = Headers()
    headers.forEachField { name, value in
      let isType = isContentType(name)
      guard isType ? hasBody : !holds(inbound, name, value) else { return }
      added.append(name: name, value: value)
    }
    return added
  }

  private func isContentType(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    guard name.count == 12 else { return false }
    let type: StaticString = "content-type"
    return type.withUTF8Buffer { type in name.indices.allSatisfy { name[$0] | 0x20 == type[$0] | 0x20 } }
  }

  private func holds(
    _ headers: Headers, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    var isHeld = false
    headers.forEachField { otherName, otherValue in
      guard !isHeld, otherName.count == name.count, otherValue.count == value.count else { return }
      isHeld = name.elementsEqual(otherName) && value.elementsEqual(otherValue)
    }
    return isHeld
  }
}
