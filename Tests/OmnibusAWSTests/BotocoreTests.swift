import Omnibus
import OmnibusTesting
import Testing

@testable import OmnibusAWS

/// Signatures worked out once more by botocore: of paths and queries of which no published case has any, and which the
/// stand-in for AWS judges wrongly.
@Suite("signatures, by botocore", .enabled("skipped: botocore cannot be had from PyPI") { MotoServer.isAvailable })
struct BotocoreTests {
  private static let script = #"""
    from json import loads
    from sys import argv
    from datetime import datetime, timezone
    from unittest import mock
    from urllib.parse import urlsplit, parse_qs
    from botocore.auth import SigV4Auth, S3SigV4Auth, SigV4QueryAuth, S3SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    for case in loads(argv[1]):
        now = datetime.fromtimestamp(case["time"], timezone.utc)
        keys, is_s3 = Credentials("AKTEST", "secret/key+", case.get("token")), case["service"] == "s3"
        scope = (keys, case["service"], "eu-central-1")
        request = AWSRequest(case["method"], case["url"], headers=case["headers"], data=case["body"].encode())
        with mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: now):
            if case["presign"]:
                (S3SigV4QueryAuth if is_s3 else SigV4QueryAuth)(*scope, expires=900).add_auth(request)
                print(parse_qs(urlsplit(request.url).query)["X-Amz-Signature"][0])
            else:
                (S3SigV4Auth if is_s3 else SigV4Auth)(*scope).add_auth(request)
                print(request.headers["Authorization"].rpartition("=")[2])
    """#

  private static let paths = [
    "/", "/bucket", "/bucket/a b+c%d=e&f'g(h)i", "/bucket//a/./b/../c", "/bucket/ünï/日本/🏥", "/bucket/~-._*!$,;:@?#[]",
    "/bucket/tab\tand%20escape", "/bucket/" + String(repeating: "x/", count: 200),
  ]
  private static let queries: [[(name: String, value: String)]] = [
    [], [("list-type", "2"), ("prefix", "in bound/+%=&"), ("delimiter", "/")], [("uploads", "")],
    [("b", "2"), ("a", "1"), ("b", "1"), ("A", "3"), ("aa", "ü"), ("a-b", "~")],
  ]

  @Test("headers and addresses have the signatures that botocore works out")
  func recompute() throws {
    let interpreter = try #require(MotoServer.interpreter)
    var (cases, expected): ([Value], [String]) = ([], [])
    for service in ["s3", "sqs"] {
      for path in service == "s3" ? Self.paths : ["/"] {
        for query in Self.queries {
          for presigns in [false, true] {
            for token in [nil, "to/ken+=="] {
              let (written, signature) = try one(service, path, query, token, presigns)
              cases.append(written)
              expected.append(signature)
            }
          }
        }
      }
    }
    let json = String(decoding: try Value.list(cases).jsonBytes(), as: UTF8.self)
    let output = try PythonPackages.output(interpreter, ["-c", Self.script, json])
    let found = output.split(separator: "\n").map(String.init)
    #expect(found.count == expected.count && expected.count == 144)
    for (place, pair) in zip(found, expected).enumerated() where pair.0 != pair.1 {
      Issue.record("another signature of \(String(decoding: try cases[place].jsonBytes(), as: UTF8.self))")
    }
  }

  private func one(
    _ service: String, _ path: String, _ query: [(name: String, value: String)], _ token: String?, _ presigns: Bool
  ) throws -> (Value, String) {
    let keys = try #require(AWSCredentials(accessKey: "AKTEST", secretKey: "secret/key+", sessionToken: token))
    let endpoint = try #require(AWSEndpoint("http://127.0.0.1:5000"))
    // Of a name that comes twice botocore signs one in addresses.
    let query = presigns ? query.filter { $0 != ("b", "2") } : query
    var request = AWSRequest(method: presigns ? "GET" : "PUT", endpoint: endpoint, path: path, query: query)
    let body = presigns ? "" : "the body"
    if !presigns { request.headers = ["content-type": "text/plain", "x-amz-meta-a": "  two   spaces "] }
    var written = ValueMap([
      ("service", .string(service)), ("method", .string(request.method)), ("url", .string(request.url)),
      ("time", .int(1_440_938_160)), ("presign", .bool(presigns)), ("body", .string(body)),
      ("headers", .map(ValueMap(request.headers.map { ($0.name, .string($0.value)) }))),
    ])
    if let token { written["token"] = .string(token) }
    let signer = AWSSigner(service: service, region: "eu-central-1")
    guard presigns else {
      let seed = signer.sign(&request, payload: .bytes(Array(body.utf8)), credentials: keys, at: 1_440_938_160)
      return (.map(written), seed.text)
    }
    signer.presign(&request, credentials: keys, at: 1_440_938_160, lifetime: .seconds(900))
    return (.map(written), request.query.last?.value ?? "")
  }
}
