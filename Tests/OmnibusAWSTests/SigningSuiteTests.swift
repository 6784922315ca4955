import Omnibus
import OmnibusHTTP
import OmnibusTesting
import Testing

@testable import OmnibusAWS

/// The cases of the signing test suite of AWS.
@Suite struct SigningSuiteTests {
  static let material = PublishedMaterial("aws-sigv4")
  static let folder = "tests/aws-signing-test-suite/v4"

  @Test(
    "all cases of the signing suite come to the canonical request, the string to sign and the signature",
    .enabled(if: material.isPresent, "skipped: the material is not present"))
  func suite() throws {
    let names = try Self.material.files(in: Self.folder)
    #expect(names.count == 38)
    for name in names { try check(name) }
  }

  private func check(_ name: String) throws {
    func text(_ file: String) throws -> String {
      var text = String(decoding: try Self.material.bytes(of: "\(Self.folder)/\(name)/\(file)"), as: UTF8.self)
      while text.hasSuffix("\n") { text.removeLast() }
      return text
    }
    let context = try JSONText.parse(Self.material.bytes(of: "\(Self.folder)/\(name)/context.json")).root
    let keys = try #require(context.member("credentials"))
    let omitsToken = context.member("omit_session_token")?.kind == .true
    let credentials = try #require(
      AWSCredentials(
        accessKey: keys.member("access_key_id")?.string ?? "",
        secretKey: keys.member("secret_access_key")?.string ?? "",
        sessionToken: omitsToken ? nil : keys.member("token")?.string))
    let time = try #require(context.member("timestamp")?.string.flatMap(AWSTime.seconds))
    let bytes = try Self.material.bytes(of: "\(Self.folder)/\(name)/request.txt")
    var (request, body) = try Self.request(String(decoding: bytes, as: UTF8.self))
    let signsBody = context.member("sign_body")?.kind == .true

    var signer = AWSSigner(service: "service", region: "us-east-1")
    signer.normalizesPath = context.member("normalize")?.kind == .true
    signer.tellsPayload = signsBody
    let payload = signsBody ? AWSPayload.bytes(body) : .empty
    let signature = signer.sign(&request, payload: payload, credentials: credentials, at: time)
    let canonical = CanonicalRequest(request, payload: payload.text, normalizesPath: signer.normalizesPath)
    #expect(canonical.text == (try text("header-canonical-request.txt")), "\(name)")
    let string = AWSSigner.stringToSign(canonical, time: signature.time, scope: signature.scope)
    #expect(string == (try text("header-string-to-sign.txt")), "\(name)")
    #expect(signature.text == (try text("header-signature.txt")), "\(name)")
    let authorization = try #require(request.headers["authorization"])
    #expect(try text("header-signed-request.txt").contains("Authorization:\(authorization)"), "\(name)")
  }

  /// A request as the suite writes them: the target is not encoded, and may hold spaces.
  private static func request(_ text: String) throws -> (AWSRequest, [UInt8]) {
    let parts = text.components("\n\n")
    var lines = parts[0].components("\n")
    let first = lines.removeFirst()
    let method = String(first.prefix { $0 != " " })
    let target = String(first.dropFirst(method.count + 1).dropLast(" HTTP/1.1".count))
    var headers = Headers()
    var fields: [(String, String)] = []
    for line in lines {
      if line.hasPrefix(" ") {
        fields[fields.count - 1].1 += line
      } else if let colon = line.firstIndex(of: ":") {
        fields.append((String(line[..<colon]), String(line[line.index(after: colon)...])))
      }
    }
    for (name, value) in fields { headers.append(name, value) }
    let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let query =
      halves.count < 2
      ? []
      : halves[1].split(separator: "&").map { pair -> (name: String, value: String) in
        let words = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { word in
          String(decoding: PercentEncoding.decode(word.utf8) ?? [], as: UTF8.self)
        }
        return (words[0], words.count > 1 ? words[1] : "")
      }
    let endpoint = try #require(AWSEndpoint("https://example.amazonaws.com"))
    let request = AWSRequest(
      method: method, endpoint: endpoint, path: String(halves[0]), query: query, headers: headers)
    return (request, parts.count > 1 ? Array(parts[1].utf8) : [])
  }
}

extension String {
  fileprivate func components(_ separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let found = rest.firstRange(of: separator) {
      parts.append(String(rest[..<found.lowerBound]))
      rest = rest[found.upperBound...]
    }
    return parts + [String(rest)]
  }
}
