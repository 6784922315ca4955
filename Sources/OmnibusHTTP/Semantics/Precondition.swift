public import Omnibus

/// What the conditions of a `GET` or `HEAD` mean for its answer (RFC 9110, 13).
///
/// Other methods are not judged: what they would be judged by is known only after the work was done.
public enum Precondition: Sendable {
  /// The answer is sent as it is.
  case holds
  /// The client has it already: 304.
  case notModified
  /// The client does not want it: 412.
  case failed

  /// Judges the fields of the request by `etag` and `last-modified` of the answer, in the order of RFC 9110, 13.2.2. A
  /// condition that the answer says nothing of is left alone. `now` is in seconds since 1970.
  public init(request: Headers, answer: Headers, now: @autoclosure () -> Double) {
    let tag = answer["etag"].flatMap { EntityTag($0) }
    let modified = answer["last-modified"]
    guard tag != nil || modified != nil else {
      self = .holds
      return
    }
    self = Self.judge(request, tag, modified, now)
  }

  private static func judge(
    _ request: Headers, _ tag: EntityTag?, _ modified: String?, _ now: () -> Double
  ) -> Precondition {
    func isNewer(than name: String) -> Bool? {
      guard let field = request[name], let modified else { return nil }
      let now = now()
      guard let since = HTTPTimestamp.seconds(field, now: now), let time = HTTPTimestamp.seconds(modified, now: now)
      else { return nil }
      return time > since
    }
    // A condition by tag puts the one by time out of force (RFC 9110, 13.1.3 and 13.1.4), whatever the answer has.
    if request.contains("if-match") {
      if let tag, !matches("if-match", in: request, tag.isStronglyEqual) { return .failed }
    } else if isNewer(than: "if-unmodified-since") == true {
      return .failed
    }
    if request.contains("if-none-match") {
      guard let tag else { return .holds }
      return matches("if-none-match", in: request, tag.isWeaklyEqual) ? .notModified : .holds
    }
    return isNewer(than: "if-modified-since") == false ? .notModified : .holds
  }

  private static func matches(_ name: String, in request: Headers, _ isEqual: (EntityTag) -> Bool) -> Bool {
    let field = request.values(name).joined(separator: ",")
    return field == "*" || EntityTag.list(field)?.contains(where: isEqual) == true
  }
}

extension HTTPResponse {
  /// The answer 304 in the place of this one: without a body and what speaks of it (RFC 9110, 15.4.5).
  public var asNotModified: HTTPResponse {
    var headers = headers
    for name in ["content-type", "content-encoding", "content-language"] { headers.remove(name) }
    return HTTPResponse(status: 304, headers: headers)
  }
}
