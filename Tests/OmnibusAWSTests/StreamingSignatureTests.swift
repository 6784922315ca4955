import Omnibus
import Testing

@testable import OmnibusAWS

/// The examples of the Amazon S3 API Reference: payloads in chunks, trailers, addresses that are signed.
@Suite struct StreamingSignatureTests {
  private let signer = AWSSigner(service: "s3", region: "us-east-1")
  private let time = 1_369_353_600.0

  private func credentials() throws -> AWSCredentials {
    try #require(
      AWSCredentials(accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
  }

  private func request(_ headers: Headers) throws -> AWSRequest {
    AWSRequest(
      method: "PUT", endpoint: try #require(AWSEndpoint("https://s3.amazonaws.com")),
      path: "/examplebucket/chunkObject.txt", headers: headers)
  }

  @Test("a payload in chunks has the signatures of the example, and the length")
  func chunks() throws {
    var request = try request([
      "content-encoding": "aws-chunked", "content-length": "66824", "x-amz-decoded-content-length": "66560",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
    ])
    let seed = signer.sign(&request, payload: .streaming, credentials: try credentials(), at: time)
    #expect(seed.text == "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9")
    var chunks = AWSChunkSigner(seed)
    let first = [UInt8](repeating: 0x61, count: 65_536)
    let framed = chunks.frame(first) + chunks.frame(Array(first[..<1024])) + chunks.end()
    #expect(framed.count == 66_824)
    #expect(AWSChunkSigner.framedLength(66_560, chunkSize: 65_536) == 66_824)
    let text = String(decoding: framed, as: UTF8.self)
    #expect(
      text.hasPrefix("10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\naaa"))
    #expect(
      text.contains("\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n"))
    #expect(
      text.hasSuffix("\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"))
  }

  @Test("a payload with a trailer has the signatures of the example, and the length")
  func trailer() throws {
    var request = try request([
      "content-encoding": "aws-chunked", "x-amz-decoded-content-length": "66560",
      "x-amz-storage-class": "REDUCED_REDUNDANCY", "x-amz-trailer": "x-amz-checksum-crc32c",
    ])
    let seed = signer.sign(&request, payload: .streamingWithTrailer, credentials: try credentials(), at: time)
    #expect(seed.text == "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e")
    var chunks = AWSChunkSigner(seed)
    let first = [UInt8](repeating: 0x61, count: 65_536)
    let framed =
      chunks.frame(first) + chunks.frame(Array(first[..<1024]))
      + chunks.end(trailer: [("x-amz-checksum-crc32c", "sOO8/Q==")])
    #expect(framed.count == 66_946)
    #expect(
      AWSChunkSigner.framedLength(66_560, chunkSize: 65_536, trailer: [("x-amz-checksum-crc32c", 8)]) == 66_946)
    let text = String(decoding: framed, as: UTF8.self)
    for signature in [
      "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
      "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
      "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
      "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
    ] { #expect(text.contains(signature)) }
  }

  @Test("an address that is signed has the signature of the example")
  func presigned() throws {
    var request = AWSRequest(
      method: "GET", endpoint: try #require(AWSEndpoint("https://examplebucket.s3.amazonaws.com")), path: "/test.txt")
    signer.presign(&request, credentials: try credentials(), at: time, lifetime: .seconds(86_400))
    #expect(
      request.url == "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
        + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        + "&X-Amz-SignedHeaders=host")
  }

  @Test("the path of a key goes out as it is signed, and S3 leaves dots and slashes alone")
  func paths() throws {
    let endpoint = try #require(AWSEndpoint("http://127.0.0.1:5000/base/"))
    let request = AWSRequest(
      method: "GET", endpoint: endpoint, path: "/b/a//b/../c d+é&", query: [("x", "a b"), ("", "")])
    #expect(request.url == "http://127.0.0.1:5000/base/b/a//b/../c%20d%2B%C3%A9%26?=&x=a%20b")
    let canonical = CanonicalRequest(request, payload: "", normalizesPath: false)
    #expect(canonical.text.hasPrefix("GET\n/base/b/a//b/../c%20d%2B%C3%A9%26\n=&x=a%20b\nhost:127.0.0.1:5000\n"))
  }
}
