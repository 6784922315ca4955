internal import Omnibus

/// A request to a bucket, before it has an address and a signature.
struct S3Request: Sendable {
  var method: String
  /// The key as it is, not encoded; nil for the bucket itself.
  var key: String?
  var query: [(name: String, value: String)] = []
  var headers = Headers()
  /// What is sent; nil for nothing.
  var content: [UInt8]?
  /// The SHA-256 of `content`, where it was worked out.
  var digest: [UInt8]?
  /// Whether the answer is handed on as a stream.
  var wantsStream = false
  /// The largest answer that is held, in bytes.
  var maxAnswer = 1 << 20

  init(_ method: String, _ key: String? = nil, query: [(name: String, value: String)] = []) {
    self.method = method
    self.key = key
    self.query = query
  }
}
