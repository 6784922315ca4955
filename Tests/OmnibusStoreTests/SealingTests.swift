import Omnibus
import OmnibusTesting
import Testing

@testable import OmnibusStore

@Suite(.timeLimit(.minutes(5))) struct SealingTests {
  private let folder = TemporaryDirectory()
  private let clock = ManualClock()
  private let key = [UInt8](repeating: 7, count: 32)

  private func open(_ key: [UInt8]?) throws -> SQLiteStore {
    try SQLiteStore(directory: folder.path, key: key, clock: clock)
  }

  private func holds(_ text: String) -> Bool {
    folder.files.contains { name in
      let bytes = folder.read(name) ?? []
      return String(decoding: bytes, as: UTF8.self).contains(text)
    }
  }

  @Test("with a key nothing of a message can be read in the files, without one it can")
  func sealed() async throws {
    let store = try open(key)
    var entry = QueueEntry(message(1))
    entry.message.headers["patient"] = "Kowalski in the header"
    entry.message.body = .bytes(Array("Kowalski in the body".utf8))
    entry.orderKey = "Kowalski in the order key"
    try await store.append(entry, to: "q")
    var dead = letter("a")
    dead.attempts[0].reason = "no bed for Kowalski"
    dead.message = entry.message
    try await store.keep(dead)
    try await store.remember("Kowalski in the key", in: "s", for: .seconds(10))
    #expect(!holds("Kowalski"))
    await store.close()
    #expect(!holds("Kowalski"))
    let again = try open(key)
    let lease = try #require(try await again.lease(from: "q", atMost: 1, for: .seconds(30)).first)
    #expect(try lease.message.bodyBytes() == Array("Kowalski in the body".utf8))
    #expect(lease.message.headers["patient"] == "Kowalski in the header")
    #expect(try await again.deadLetter("a", withBody: true)?.message.bodyBytes() == Array("Kowalski in the body".utf8))
    #expect(try await again.deadLetter("a", withBody: true)?.attempts == dead.attempts)
    #expect(try await again.deadLetters(.init(), after: nil, limit: 9).first?.message.headers["patient"] != nil)
    await again.close()
  }

  @Test("another key, and none, are refused")
  func wrongKey() async throws {
    let store = try open(key)
    try await store.append(QueueEntry(message(1)), to: "q")
    await store.close()
    let other = #expect(throws: Failure.self) { try open([UInt8](repeating: 8, count: 32)) }
    #expect(other?.reason.hasSuffix("it is sealed with another key than the one given") == true)
    let none = #expect(throws: Failure.self) { try open(nil) }
    #expect(none?.reason.hasSuffix("it is sealed, and there is no key for it") == true)
    #expect(throws: Failure.self) { try open([1, 2, 3]) }
    #expect(try await open(key).queues().first?.depth == 1)
  }

  @Test("what was kept before there was a key can still be read")
  func before() async throws {
    let store = try open(nil)
    try await store.append(QueueEntry(message(1)), to: "q")
    await store.close()
    let sealing = try open(key)
    try await sealing.append(QueueEntry(message(2)), to: "q")
    await sealing.close()
    #expect(try await open(key).lease(from: "q", atMost: 9, for: .seconds(30)).map(\.number) == [1, 2])
  }

  @Test("a sealed record is that of its place and no other")
  func swapped() async throws {
    let store = try open(key)
    for number in 0..<3 { try await store.append(QueueEntry(message(number)), to: "q") }
    await store.close()
    do {
      let connection = try SQLiteConnection(path: "\(folder.path)/omnibus.db")
      try connection.execute(
        "UPDATE message SET record = (SELECT record FROM message WHERE id & 0xFF = 3) WHERE id & 0xFF = 1")
    }
    let again = try open(key)
    await #expect(throws: Failure.self) { try await again.lease(from: "q", atMost: 9, for: .seconds(30)) }
    #expect(try await again.lease(from: "q", atMost: 9, for: .seconds(30)).map(\.number) == [1, 2])
    await again.close()
  }

  @Test("a key is 32 bytes, in base64 or hexadecimal digits, with white space around it")
  func keys() {
    let bytes = (0..<32).map { UInt8($0) }
    #expect(StoreKey.parse("000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F") == bytes)
    #expect(StoreKey.parse("  AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n") == bytes)
    for text in ["", "abc", "00", String(repeating: "0", count: 63), String(repeating: "g", count: 64), "AAEC"] {
      #expect(StoreKey.parse(text) == nil)
    }
  }
}
