import Glibc
import Omnibus
import OmnibusTesting
import Testing

@testable import OmnibusStore

@Suite(.timeLimit(.minutes(1))) struct JournalTests {
  private let folder = TemporaryDirectory()
  private let clock = ManualClock()
  private let key = [UInt8](repeating: 7, count: 32)

  private func open(_ folder: TemporaryDirectory, key: [UInt8]? = nil) throws -> SQLiteStore {
    try SQLiteStore(directory: folder.path, key: key, clock: clock)
  }

  /// What a power cut leaves when messages of the numbers were accepted, the last one not being in the database yet.
  private func afterPowerCut(_ numbers: Range<Int>, key: [UInt8]? = nil) async throws -> TemporaryDirectory {
    let store = try open(folder, key: key)
    for number in numbers.dropLast() { try await append(number, to: store) }
    #expect(try await store.status(of: "q")?.depth == numbers.count - 1)
    // Whoever holds the lock keeps the store from writing.
    let lock = try SQLiteConnection(path: "\(folder.path)/omnibus.db")
    try lock.begin()
    try await append(numbers.upperBound - 1, to: store)
    let copy = TemporaryDirectory()
    for name in folder.files where name != "omnibus.lock" { copy.write(name, folder.read(name) ?? []) }
    lock.rollBack()
    await store.close()
    return copy
  }

  private func append(_ number: Int, to store: SQLiteStore) async throws {
    try await store.append(QueueEntry(message(number), orderKey: "k"), to: "q")
  }

  /// What a file of the journal holds: a group for each message.
  private func journal(_ count: Int, salt: UInt64 = 99, filler: [UInt8] = []) throws -> [[UInt8]] {
    try (1...count).map { number in
      var kept = message(number)
      kept.body = .bytes(filler)
      let arrival = Arrival(
        queue: "q", orderKey: nil, due: 0, appended: 5, record: try MessageRecord.encode(kept), message: nil)
      return try JournalGroup.encode([arrival], first: UInt64(number), salt: salt, nil)
    }
  }

  private func numbers(_ folder: TemporaryDirectory, key: [UInt8]? = nil) async throws -> [Int] {
    let store = try open(folder, key: key)
    let numbers = try await store.lease(from: "q", atMost: 100, for: .seconds(30)).compactMap(\.number)
    await store.close()
    return numbers
  }

  @Test("what was accepted and is not in the database yet is taken over when the store is opened again, once")
  func recovered() async throws {
    folder.write("omnibus.journal-1", try journal(5).flatMap { $0 })
    #expect(try await numbers(folder) == [1, 2, 3, 4, 5])
    #expect(folder.read("omnibus.journal-1") == [])
    folder.write("omnibus.journal-1", try journal(7).flatMap { $0 })
    #expect(try await numbers(folder) == [1, 2, 3, 4, 5, 6, 7])
  }

  @Test("a power cut after an answer leaves the message, with its order key, sealed or not", arguments: [false, true])
  func powerCut(isSealed: Bool) async throws {
    let key = isSealed ? key : nil
    let copy = try await afterPowerCut(0..<3, key: key)
    let store = try open(copy, key: key)
    for number in 0..<3 {
      let leases = try await store.lease(from: "q", atMost: 9, for: .seconds(30))
      #expect(leases.map(\.number) == [number])
      #expect(leases.first?.message.delivery?.received == clock.wallTime)
      for lease in leases { #expect(try await store.acknowledge(lease)) }
    }
    await store.close()
  }

  @Test(
    "a group that was not written as a whole was promised to nobody, and ends the journal", arguments: [1, 40, 200])
  func torn(missing: Int) async throws {
    let groups = try journal(3, filler: [UInt8](repeating: 0x61, count: 300))
    folder.write("omnibus.journal-2", groups.flatMap { $0 }.dropLast(missing))
    #expect(try await numbers(folder) == [1, 2])
  }

  @Test("a group that is damaged before others that are whole is refused, and left as it is")
  func damaged() async throws {
    var groups = try journal(3)
    groups[1][50] ^= 1
    let bytes = groups.flatMap { $0 }
    folder.write("omnibus.journal-1", bytes)
    let failure = await #expect(throws: Failure.self) { try await numbers(folder) }
    #expect(
      failure?.kind == .internal && failure?.reason.hasSuffix("is damaged: messages in it cannot be read") == true)
    #expect(folder.read("omnibus.journal-1") == bytes)
    folder.write("omnibus.journal-1", try journal(3)[1...].flatMap { $0 })
    let missing = await #expect(throws: Failure.self) { try await numbers(folder) }
    #expect(missing?.reason.hasSuffix("or the file beside it: messages are missing") == true)
  }

  @Test("groups that an earlier pass has left, or that a message holds, are none")
  func foreign() async throws {
    let forged = try journal(3, salt: 98).flatMap { $0 }
    let groups = try journal(2, filler: forged).flatMap { $0 }
    folder.write("omnibus.journal-1", groups.dropLast(3) + forged)
    #expect(try await numbers(folder) == [1])
  }

  @Test("no bytes that may be in a journal end the program")
  func hostile() throws {
    let group = try journal(2)[1]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      var bytes = group
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
      let result = bytes.withUnsafeBytes { bytes in Result { () throws(Failure) in try JournalGroup(bytes, nil) } }
      if bytes != group { #expect((try? result.get()) == nil) }
    }
  }

  @Test("as long as the database cannot be written what was accepted is kept, and nothing overtakes it")
  func stuck() async throws {
    let store = try open(folder)
    try await store.append(QueueEntry(message(0)), to: "q")
    #expect(try await store.status(of: "q")?.depth == 1)
    let lock = try SQLiteConnection(path: "\(folder.path)/omnibus.db")
    try lock.begin()
    try await store.append(QueueEntry(message(1)), to: "q")
    let refused = await #expect(throws: Failure.self) { try await store.remember("k", in: "s", for: .seconds(1)) }
    #expect(refused?.kind == .unavailable)
    #expect(store.trouble != nil)
    // Now that this is known nobody is promised anything.
    await #expect(throws: Failure.self) { try await store.append(QueueEntry(message(2)), to: "q") }
    #expect(try await store.status(of: "q")?.depth == 2)
    lock.rollBack()
    try await store.append(QueueEntry(message(3)), to: "q")
    #expect(store.trouble == nil)
    #expect(try await store.lease(from: "q", atMost: 9, for: .seconds(30)).map(\.number) == [0, 1, 3])
    await store.close()
  }

  @Test("the files are written again and again, and have no bytes when the store is closed")
  func wraps() async throws {
    let store = try open(folder)
    let body = [UInt8](repeating: 0x61, count: 32 << 10)
    let count = 32 * 48
    try await withThrowingTaskGroup { group in
      for _ in 0..<32 {
        group.addTask { for _ in 0..<48 { try await store.append(QueueEntry(Message(body: .bytes(body))), to: "q") } }
      }
      try await group.waitForAll()
    }
    for name in ["omnibus.journal-1", "omnibus.journal-2"] {
      let size = folder.read(name)?.count ?? 0
      #expect(size > 4 << 20 && size < 11 << 20)
    }
    #expect(try await store.status(of: "q")?.depth == count)
    await store.close()
    #expect(folder.read("omnibus.journal-1") == [] && folder.read("omnibus.journal-2") == [])
    let again = try open(folder)
    #expect(try await again.status(of: "q")?.depth == count)
    await again.close()
  }
}
