internal import Omnibus
internal import OmnibusAWS
internal import OmnibusHTTP

/// A bucket, and how it is reached.
struct S3Bucket: Sendable {
  /// Its name.
  let name: String
  private let client: AWSClient
  private let endpoint: AWSEndpoint
  /// What stands before a key in paths: the bucket, unless the host's name has it.
  private let prefix: String
  private let timeout: Duration

  /// The bucket `name`. Its name is part of the path where `isPath` says so, or where that is nil and the service is not
  /// AWS itself, or the name has dots, which no certificate of AWS covers.
  init(
    _ name: String, _ options: AWSOptions, isPath: Bool?, timeout: Duration, _ context: Context
  ) throws(OptionProblem) {
    self.name = name
    client = try AWSClient(options, service: "s3", context)
    let isAWS = client.endpoint == AWSEndpoint(service: "s3", region: client.region)
    let isPath = isPath ?? (!isAWS || name.contains("."))
    endpoint = isPath ? client.endpoint : client.endpoint.with(label: name)
    prefix = isPath ? "/\(name)" : ""
    self.timeout = timeout
  }

  /// What no other source may take from, but for keys.
  var place: String { "\(endpoint.url)/\(name)" }

  /// Whether what is sent must be signed, since nothing else keeps it from being changed on its way.
  var signsPayload: Bool { endpoint.scheme == "http" }

  /// Makes a request, and gives the answer; a refusal is a failure whose cause is the `AWSServiceError`. `timeout` is
  /// another one than that of the connection.
  func send(_ request: S3Request, timeout: Duration? = nil, _ context: Context) async throws(Failure)
    -> HTTPClientResponse
  {
    let signed = AWSRequest(
      method: request.method, endpoint: endpoint, path: prefix + "/" + (request.key ?? ""), query: request.query,
      headers: request.headers)
    var call = client.prototype
    call.timeout = timeout ?? self.timeout
    call.wantsStream = request.wantsStream
    call.maxResponse = request.maxAnswer
    let content = request.content.map { HTTPClientRequest.Content.bytes($0) } ?? .empty
    do throws(Failure) {
      return try await client.send(signed, as: call, payload: payload(request), context) { _ in content }
    } catch {
      guard let code = error.answered?.code, Self.passing.contains(code) else { throw error }
      throw Failure(.unavailable, error.reason, retryAfter: error.retryAfter, cause: error.cause)
    }
  }

  /// Refusals that another attempt need not meet: bytes that changed on their way, and writes that met each other.
  private static let passing: Set<String> = [
    "BadDigest", "ConditionalRequestConflict", "IncompleteBody", "InvalidDigest", "XAmzContentChecksumMismatch",
  ]

  private func payload(_ request: S3Request) -> AWSPayload {
    guard let content = request.content else { return .empty }
    guard signsPayload else { return .unsigned }
    return request.digest.map { .digest($0) } ?? .bytes(content)
  }

  /// What is wrong with a name (Amazon S3 User Guide, "Bucket naming rules"); nil for nothing.
  static func problem(_ name: String) -> String? {
    let isPlain = name.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard isPlain, 3...63 ~= name.utf8.count, let first = name.first, let last = name.last, !"-.".contains(first),
      !"-.".contains(last), !name.contains("..")
    else { return "is no name of a bucket: 3 to 63 small letters, digits, hyphens and dots" }
    return nil
  }
}
