/// Why the server itself refuses a request; the connection is closed after it.
struct HTTPRefusal: Error, Equatable {
  /// The status of the answer.
  let status: Int
  /// What was found, for the answer; nothing of the request.
  let detail: String

  init(_ status: Int, _ detail: String) {
    self.status = status
    self.detail = detail
  }

  /// A request that does not follow RFC 9112.
  static func malformed(_ detail: String) -> HTTPRefusal { HTTPRefusal(400, detail) }

  static let bareLineFeed = malformed("a line ends in LF without CR")
  static let bareCarriageReturn = malformed("a CR is not followed by LF")
  static let bodyTooLarge = HTTPRefusal(413, "the body is larger than this place takes")
  static let noMemory = HTTPRefusal(503, "the bodies of other requests take all memory that there is for them")
  static let fieldsTooLarge = HTTPRefusal(431, "the header fields are too large")
  static let tooManyFields = HTTPRefusal(431, "there are too many header fields")
}
