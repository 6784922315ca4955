internal import Omnibus
public import OmnibusHTTP
internal import OmnibusXML

/// An error that a service of AWS answered, in JSON or XML: the cause of the failure that it becomes. Its message is not
/// kept, as that may repeat what was sent.
public struct AWSServiceError: Error, Sendable, Equatable {
  /// The status of the answer.
  public let status: Int
  /// The code, such as `QueueDoesNotExist`; empty where the answer has none, or none that is well formed.
  public let code: String
  /// What AWS calls the request, for its support; nil where the answer does not say.
  public let requestID: String?
  /// How long the service asks to be left alone.
  public let retryAfter: Duration?

  /// An error of a part of a batch, which has a code alone.
  public init(code: String, status: Int = 400) {
    self.code = Self.sound(code) ?? ""
    self.status = status
    requestID = nil
    retryAfter = nil
  }

  /// The error that an answer with a status of 300 and more is.
  public init(_ response: HTTPClientResponse, now: Double = 0) {
    status = response.status
    let headers = response.headers
    retryAfter = headers["retry-after"].flatMap { RetryAfter.duration($0, now: now) }
    var body: [UInt8] = []
    if case .bytes(let bytes) = response.body { body = bytes }
    let isMarkup = body.first { $0 > 0x20 } == UInt8(ascii: "<")
    // Spaces in front keep a connection open while an answer is made.
    let root = isMarkup ? try? XMLDocument(parsing: body.drop { $0 <= 0x20 }).root : nil
    let fromBody = isMarkup ? root?.descendant("Code")?.text : Self.code(inJSON: body)
    code = [fromBody, headers["x-amzn-errortype"]].lazy.compactMap { $0.flatMap(Self.sound) }.first ?? ""
    let ids = [
      headers["x-amzn-requestid"], headers["x-amz-request-id"],
      root?.descendant("RequestId")?.text ?? root?.descendant("RequestID")?.text,
    ]
    requestID = ids.lazy.compactMap { $0.flatMap(Self.soundID) }.first
  }

  private static func code(inJSON body: [UInt8]) -> String? {
    guard let root = try? JSONText.parse(body, limits: JSONLimits(depth: 32, bytes: 1 << 20)).root else { return nil }
    return root.member("__type")?.string ?? root.member("code")?.string
  }

  /// A code without the namespace before `#` and the address behind `:`; nil for what is none.
  private static func sound(_ text: String) -> String? {
    var code = text[...]
    if let mark = code.lastIndex(of: "#") { code = code[code.index(after: mark)...] }
    if let colon = code.firstIndex(of: ":") { code = code[..<colon] }
    guard 1...100 ~= code.utf8.count, code.utf8.allSatisfy({ isAlphanumeric($0) || ".-_".utf8.contains($0) }) else {
      return nil
    }
    return String(code)
  }

  private static func soundID(_ text: String) -> String? {
    1...128 ~= text.utf8.count && text.utf8.allSatisfy { isAlphanumeric($0) || "-_+/=".utf8.contains($0) } ? text : nil
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }
}
