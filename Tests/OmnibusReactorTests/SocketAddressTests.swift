import Testing

@testable import OmnibusReactor

@Suite struct SocketAddressTests {
  @Test(
    "an address reads as it is written",
    arguments: ["127.0.0.1:8080", "0.0.0.0:0", "[::1]:65535", "[2001:db8::ff00:42:8329]:80"])
  func roundTrip(_ text: String) { #expect(SocketAddress(text)?.description == text) }

  @Test(
    "what is no numeric address with a port is refused",
    arguments: [
      "", ":", "127.0.0.1", "127.0.0.1:", ":80", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1:8 0",
      "::1:80", "[::1]", "[::1:80", "[127.0.0.1]:80", "example:80", "256.0.0.1:80", "127.0.0.1:٣",
    ])
  func refused(_ text: String) { #expect(SocketAddress(text) == nil) }

  @Test("a name is looked up, and one that is not known says so")
  func names() async throws {
    let blocking = BlockingExecutor(threads: 1)
    let found = try await SocketAddress.resolve("localhost:81", on: blocking)
    #expect(found.contains { $0.host == "127.0.0.1" || $0.host == "::1" })
    #expect(found.allSatisfy { $0.port == 81 })
    await #expect(throws: NameLookupError.self) {
      try await SocketAddress.resolve("no-such-host.invalid:80", on: blocking)
    }
    await #expect(throws: NameLookupError.self) { try await SocketAddress.resolve("nonsense", on: blocking) }
  }
}
