import Omnibus
import OmnibusHTTP
import Testing

@Suite struct GzipTests {
  /// `hello hello hello` and a line feed, by another program (Python's gzip).
  static let hello: [UInt8] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 87, 200, 64, 144, 92, 0, 59, 124, 138, 223, 18, 0, 0, 0,
  ]

  /// A stream of `pieces`.
  private func stream(_ pieces: [[UInt8]]) -> BodyStream {
    let left = Pieces(pieces)
    return BodyStream { left.next() }
  }

  @Test("what another program has written is read, also as a stream that comes byte by byte")
  func decode() async throws {
    #expect(try Gzip.decode(Self.hello, limit: 18) == Array("hello hello hello\n".utf8))
    let decoded = Gzip.decode(stream(Self.hello.map { [$0] }), limit: 18)
    #expect(try await decoded.collect(limit: 100) == Array("hello hello hello\n".utf8))
  }

  @Test("several members are one content, and bytes that are none are refused")
  func members() throws {
    #expect(
      try Gzip.decode(Self.hello + Self.hello, limit: 100) == Array("hello hello hello\nhello hello hello\n".utf8))
    for broken in [
      Array(Self.hello.dropLast()), Self.hello + [0], Self.hello + [0x1F], [], Array(Self.hello.dropFirst()),
      Array(Self.hello.dropLast(8)) + [0, 0, 0, 0, 18, 0, 0, 0], Array("hello".utf8),
    ] {
      #expect(throws: GzipProblem.malformed) { try Gzip.decode(broken, limit: 100) }
    }
  }

  @Test("what was encoded is decoded to the same, whole and in pieces", arguments: [0, 1, 1000, 400_000])
  func roundTrip(size: Int) async throws {
    var random = SystemRandomNumberGenerator()
    let noise = (0..<size / 2).map { _ in UInt8.random(in: 0...255, using: &random) }
    let bytes = noise + [UInt8](repeating: 65, count: size - noise.count)
    #expect(try Gzip.decode(Gzip.encode(bytes), limit: size) == bytes)
    let pieces = stride(from: 0, to: size, by: 70_000).map { Array(bytes[$0..<min($0 + 70_000, size)]) }
    let through = Gzip.decode(Gzip.encode(stream(pieces)), limit: size)
    #expect(try await through.collect(limit: size) == bytes)
  }

  @Test("a reader of an encoded stream can read each piece before the next one comes")
  func flushes() async throws {
    let encoded = Gzip.encode(BodyStream { Array("event\n".utf8) })
    try encoded.claim()
    let first = try await encoded.next() ?? []
    let decoded = Gzip.decode(stream([first]), limit: 100)
    try decoded.claim()
    #expect(try await decoded.next() == Array("event\n".utf8))
  }

  @Test("content beyond the limit is refused before it is there")
  func tooLarge() async throws {
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    let encoded = Gzip.encode(bytes)
    #expect(try Gzip.decode(encoded, limit: 100_000).count == 100_000)
    #expect(throws: GzipProblem.tooLarge(99_999)) { try Gzip.decode(encoded, limit: 99_999) }
    let streamed = Gzip.decode(stream([encoded]), limit: 99_999)
    await #expect(throws: Failure.self) { try await streamed.collect(limit: .max) }
  }

  @Test("a bomb is refused, whatever the limit")
  func bomb() async throws {
    let zeros = [UInt8](repeating: 0, count: 20 << 20)
    let bomb = Gzip.encode(zeros)
    #expect(bomb.count < 200_000)
    #expect(throws: GzipProblem.bomb) { try Gzip.decode(bomb, limit: .max) }
    #expect(throws: GzipProblem.tooLarge(1 << 20)) { try Gzip.decode(bomb, limit: 1 << 20) }
    let streamed = Gzip.decode(stream([bomb]), limit: .max)
    try streamed.claim()
    var largest = 0
    var total = 0
    let failure = await #expect(throws: Failure.self) {
      while let piece = try await streamed.next() {
        largest = max(largest, piece.count)
        total += piece.count
      }
    }
    #expect(failure?.reason == "the content grows to more than 200 times its size when it is decoded")
    #expect(largest <= 128 << 10)
    #expect(total <= 2 << 20)
  }

  @Test(
    "the coding of a message is identity or gzip, and never one over another",
    arguments: [
      ([:], .identity), (["content-encoding": "gzip"], .gzip), (["Content-Encoding": "X-GZIP"], .gzip),
      (["content-encoding": "identity"], .identity), (["content-encoding": "br"], nil),
      (["content-encoding": "gzip, gzip"], nil), (["content-encoding": "gzip", "Content-encoding": "gzip"], nil),
      (["content-encoding": "identity, gzip"], .gzip),
    ] as [(Headers, ContentCoding?)])
  func coding(headers: Headers, coding: ContentCoding?) { #expect(ContentCoding(headers) == coding) }

  @Test(
    "gzip is what a client gets who prefers it",
    arguments: [
      (nil, false), ("gzip", true), ("deflate, gzip;q=0.5", true), ("gzip;q=0", false), ("*", true), ("*;q=0", false),
      ("gzip;q=0, *", false), ("identity, gzip;q=0.5", false), ("identity;q=0.4, gzip;q=0.5", true), ("br", false),
      ("", false), ("x-gzip", true), ("gzip;q=nonsense", false),
    ] as [(String?, Bool)])
  func prefers(accept: String?, prefers: Bool) {
    var headers = Headers()
    headers["accept-encoding"] = accept
    #expect(ContentCoding.prefersGzip(headers) == prefers)
  }

  @Test("text is worth compressing, pictures are not")
  func compressible() {
    for type in ["text/plain; charset=utf-8", "application/JSON", "application/fhir+xml", "image/svg+xml"] {
      #expect(ContentCoding.isCompressible(type))
    }
    for type in ["image/png", "application/zip", "application/octet-stream", "", "application/pdf"] {
      #expect(!ContentCoding.isCompressible(type))
    }
  }
}
