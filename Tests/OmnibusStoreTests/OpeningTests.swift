import Glibc
import Omnibus
import OmnibusTesting
import Testing

@testable import OmnibusStore

@Suite(.timeLimit(.minutes(5))) struct OpeningTests {
  private let folder = TemporaryDirectory()
  private let clock = ManualClock()

  private func open(_ path: String? = nil) throws -> SQLiteStore {
    try SQLiteStore(directory: path ?? folder.path, clock: clock)
  }

  private func refusal(_ path: String? = nil) -> String? {
    do {
      _ = try open(path)
      return nil
    } catch {
      return Failure(error).reason
    }
  }

  /// A store with messages, closed.
  private func fill(_ count: Int = 100) async throws {
    let store = try open()
    for number in 0..<count { try await store.append(QueueEntry(message(number)), to: "q") }
    await store.close()
  }

  @Test("what it makes is for its owner alone, and is synced")
  func permissions() async throws {
    let path = "\(folder.path)/data"
    let store = try open(path)
    try await store.append(QueueEntry(message(0)), to: "q")
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o700)
    let names = TemporaryDirectory.names(path)
    #expect(names.contains("omnibus.db") && names.contains("omnibus.db-wal"))
    for name in names { #expect(stat("\(path)/\(name)", &status) == 0 && status.st_mode & 0o777 == 0o600, "\(name)") }
    await store.close()
    #expect(!TemporaryDirectory.names(path).contains("omnibus.db-wal"))
  }

  @Test("one process has a folder at a time, and the other one is told which")
  func locked() async throws {
    let store = try open()
    #expect(refusal() == "the data directory \(folder.path) is in use by process \(getpid())")
    await store.close()
    #expect(refusal() == nil)
  }

  @Test("a database that is damaged is refused, and left as it is")
  func damaged() async throws {
    try await fill()
    let whole = try #require(folder.read("omnibus.db"))
    var header = whole
    header[0] ^= 0xFF
    var page = whole
    for place in StoreOpening.pageSize..<StoreOpening.pageSize + 64 { page[place] ^= 0xFF }
    let samples: [(String, [UInt8])] = [
      ("garbage", Array(repeating: 0x5A, count: 100_000)), ("header", header), ("a page", page),
      ("half", Array(whole.prefix(whole.count / 2))), ("a page less", Array(whole.dropLast(StoreOpening.pageSize))),
      ("a byte less", Array(whole.dropLast())), ("ten bytes", Array(whole.prefix(10))),
    ]
    for (name, bytes) in samples {
      folder.write("omnibus.db", bytes)
      let reason = refusal()
      #expect(reason?.contains("damaged") == true, "\(name): \(reason ?? "opened")")
      #expect(reason?.hasPrefix("\(folder.path)/omnibus.db cannot be opened: ") == true, "\(name)")
      #expect(folder.read("omnibus.db") == bytes, "\(name)")
    }
    folder.write("omnibus.db", whole)
    #expect(try await open().queues().first?.depth == 100)
  }

  @Test("a database of another program is refused")
  func foreign() throws {
    do {
      let connection = try SQLiteConnection(path: "\(folder.path)/omnibus.db")
      try connection.execute("CREATE TABLE other(x)")
    }
    #expect(refusal()?.hasSuffix("the database is one of another program") == true)
  }

  @Test("a newer database is refused, and both versions are named")
  func newer() async throws {
    try await fill(1)
    do {
      let connection = try SQLiteConnection(path: "\(folder.path)/omnibus.db")
      try connection.execute("PRAGMA user_version = 7")
    }
    let known = Schema.migrations.count
    #expect(
      refusal()?.contains("has version 7, written by a newer omnibus; this one knows versions up to \(known)") == true)
  }

  @Test("an older database is brought up to date, as a whole or not at all")
  func migration() async throws {
    try await fill(3)
    let connection = try SQLiteConnection(path: "\(folder.path)/omnibus.db")
    let broken = Schema.migrations + ["CREATE TABLE later(x); INSERT INTO nowhere VALUES (1)"]
    #expect(throws: Failure.self) { try Schema.migrate(connection, by: broken) }
    #expect(try connection.number("PRAGMA user_version") == Int64(Schema.migrations.count))
    #expect(try connection.number("SELECT count(*) FROM sqlite_schema WHERE name = 'later'") == 0)
    let next = Schema.migrations + ["ALTER TABLE message ADD COLUMN later INTEGER NOT NULL DEFAULT 5"]
    try Schema.migrate(connection, by: next)
    try Schema.migrate(connection, by: next)
    #expect(try connection.number("PRAGMA user_version") == Int64(next.count))
    #expect(try connection.number("SELECT sum(later) FROM message") == 15)
  }

  @Test("a folder that cannot be one is refused")
  func noFolder() {
    folder.write("file", "")
    #expect(refusal("\(folder.path)/file")?.contains("cannot be used: not a directory") == true)
    #expect(refusal("\(folder.path)/a/b")?.contains("cannot be made: no such file or directory") == true)
  }

  @Test("what was acknowledged is there in a copy of the files as a crash would leave them")
  func crash() async throws {
    let store = try open()
    for number in 0..<50 { try await store.append(QueueEntry(message(number)), to: "q") }
    for lease in try await store.lease(from: "q", atMost: 20, for: .seconds(30)) where lease.number != 3 {
      #expect(try await store.acknowledge(lease))
    }
    let copy = TemporaryDirectory()
    for name in folder.files where name != "omnibus.lock" { copy.write(name, try #require(folder.read(name))) }
    try await store.append(QueueEntry(message(50)), to: "q")
    let recovered = try open(copy.path)
    let leases = try await recovered.lease(from: "q", atMost: 100, for: .seconds(30))
    #expect(leases.map(\.number) == [3] + Array(20..<50))
    // The one that was under way is known to have been tried.
    #expect(leases.map { $0.message.delivery?.attempt } == [2] + Array(repeating: 1, count: 30))
    #expect(try await recovered.queues().first?.depth == 31)
  }

  @Test("a store that nobody holds any more ends by itself")
  func dropped() async throws {
    weak var weakly: SQLiteStore?
    do {
      let store = try open()
      try await store.append(QueueEntry(message(0)), to: "q")
      _ = await store.onReady("q") {}
      weakly = store
    }
    #expect(weakly == nil)
    #expect(try await eventually { refusal() == nil })
  }
}
