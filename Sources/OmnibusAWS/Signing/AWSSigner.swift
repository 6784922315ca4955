internal import Omnibus
internal import OmnibusCrypto
internal import OmnibusHTTP

/// Signs requests to one service in one region by AWS Signature Version 4: in a header, or in the address.
public struct AWSSigner: Sendable {
  static let algorithm = "AWS4-HMAC-SHA256"

  private let region: String
  private let service: String
  private let keys = SigningKeys()
  /// Whether dot segments and empty segments of the path are left out. Keys of S3 may have them.
  var normalizesPath: Bool
  /// Whether the field `x-amz-content-sha256` goes with the request.
  var tellsPayload: Bool

  /// A signer for `service`, as scopes name it: `s3`, `sqs`, `sts`.
  public init(service: String, region: String) {
    self.service = service
    self.region = region
    normalizesPath = service != "s3"
    tellsPayload = service == "s3"
  }

  /// Adds `x-amz-date`, `authorization` and what else signing needs to the fields; `time` is in seconds since 1970. What
  /// it answers signs the chunks of a payload that streams.
  @discardableResult
  public func sign(
    _ request: inout AWSRequest, payload: AWSPayload, credentials: AWSCredentials, at time: Double
  ) -> AWSSignature {
    let text = AWSTime.text(time)
    let payload = payload.text
    request.headers["x-amz-date"] = text
    if tellsPayload { request.headers["x-amz-content-sha256"] = payload }
    request.headers["x-amz-security-token"] = credentials.sessionToken?.reveal
    let scope = scope(text)
    let canonical = CanonicalRequest(request, payload: payload, normalizesPath: normalizesPath)
    let signature = signature(canonical, text, scope, credentials)
    request.headers["authorization"] =
      "\(Self.algorithm) Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(canonical.signedHeaders), "
      + "Signature=\(signature.text)"
    return signature
  }

  /// Puts the signature into the query, so that the address alone is good for the request until `lifetime` has passed:
  /// seven days at the most. The payload is not signed where S3 is asked, and else the empty one is.
  public func presign(
    _ request: inout AWSRequest, credentials: AWSCredentials, at time: Double, lifetime: Duration
  ) {
    let text = AWSTime.text(time)
    let scope = scope(text)
    var fields = ["host"]
    for (name, _) in request.headers { fields.append(name.lowercased()) }
    let signedHeaders = Set(fields).sorted().joined(separator: ";")
    request.query += [
      ("X-Amz-Algorithm", Self.algorithm), ("X-Amz-Credential", "\(credentials.accessKey)/\(scope)"),
      ("X-Amz-Date", text), ("X-Amz-Expires", "\(lifetime.components.seconds)"),
      ("X-Amz-SignedHeaders", signedHeaders),
    ]
    if let token = credentials.sessionToken { request.query.append(("X-Amz-Security-Token", token.reveal)) }
    let payload = service == "s3" ? AWSPayload.unsigned : .empty
    let canonical = CanonicalRequest(request, payload: payload.text, normalizesPath: normalizesPath)
    request.query.append(("X-Amz-Signature", signature(canonical, text, scope, credentials).text))
  }

  /// What is signed of a canonical request.
  static func stringToSign(_ canonical: CanonicalRequest, time: String, scope: String) -> String {
    "\(algorithm)\n\(time)\n\(scope)\n\(AWSEncoding.hex(SHA256.digest(Array(canonical.text.utf8))))"
  }

  func scope(_ time: String) -> String { "\(time.prefix(8))/\(region)/\(service)/aws4_request" }

  private func signature(
    _ canonical: CanonicalRequest, _ time: String, _ scope: String, _ credentials: AWSCredentials
  ) -> AWSSignature {
    let key = keys.key(credentials.secretKey.reveal, scope: scope)
    let string = Self.stringToSign(canonical, time: time, scope: scope)
    let code = HMACSHA256.code(Array(string.utf8), key: key)
    return AWSSignature(text: AWSEncoding.hex(code), time: time, scope: scope, key: key)
  }
}
