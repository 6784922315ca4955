/// What signing a request came to: the seed of the signatures of its chunks.
public struct AWSSignature: Sendable {
  /// 64 hexadecimal digits.
  public let text: String
  /// The moment that was signed: `20150830T123600Z`.
  let time: String
  /// `20150830/us-east-1/service/aws4_request`.
  let scope: String
  let key: [UInt8]
}
