import Glibc
import Omnibus
import OmnibusTesting
import Testing

@testable import OmnibusStore

@Suite(.timeLimit(.minutes(5))) struct FaultTests {
  private let clock = ManualClock()

  @Test(
    "a full disk fails calls as unavailable, loses nothing, and is over when there is room",
    .enabled(if: SmallDisk.isPossible))
  func fullDisk() async throws {
    let disk = try SmallDisk(options: "size=2m")
    let metrics = Metrics()
    let store = try SQLiteStore(directory: disk.path, clock: clock, metrics: metrics)
    #expect(store.trouble == nil)
    var appended = 0
    var refused: Failure?
    while refused == nil, appended < 10_000 {
      do {
        try await store.append(QueueEntry(large(appended)), to: "q")
        appended += 1
      } catch {
        refused = Failure(error)
      }
    }
    #expect(refused?.kind == .unavailable)
    #expect(appended > 10)
    #expect(store.trouble?.reason.contains("no room") == true)
    let commits = metrics.histogram("omnibus_store_commit_duration_seconds", "").reading.count
    #expect(commits == store.commits && commits >= appended)
    #expect(try await store.queues().first?.depth == appended)
    let lease = try #require(try await store.lease(from: "q", atMost: 1, for: .seconds(30)).first)
    #expect(lease.number == 0)
    try disk.remount("size=16m")
    let access = StoreAccess(store)
    #expect(await access.trouble() == nil)
    try await store.append(QueueEntry(large(appended)), to: "q")
    #expect(store.trouble == nil)
    #expect(try await store.acknowledge(lease))
    await store.close()
    let again = try SQLiteStore(directory: disk.path, clock: clock)
    let numbers = try await again.lease(from: "q", atMost: 10_000, for: .seconds(30)).map(\.number)
    #expect(numbers == Array(1...appended))
    await again.close()
  }

  @Test(
    "many callers at a full disk are told so each, and those who were not have their message there",
    .enabled(if: SmallDisk.isPossible))
  func manyAtFullDisk() async throws {
    let disk = try SmallDisk(options: "size=2m")
    let store = try SQLiteStore(directory: disk.path, clock: clock)
    let kept = try await withThrowingTaskGroup(of: Int?.self) { group in
      for number in 0..<400 {
        group.addTask {
          do {
            try await store.append(QueueEntry(large(number)), to: "q")
            return number
          } catch {
            #expect(Failure(error).kind == .unavailable)
            return nil
          }
        }
      }
      return try await group.reduce(into: Set<Int>()) { kept, number in if let number { kept.insert(number) } }
    }
    #expect(kept.count < 400)
    #expect(Set(try await store.lease(from: "q", atMost: 400, for: .seconds(30)).compactMap(\.number)) == kept)
    await store.close()
  }

  @Test("a disk that may only be read is refused", .enabled(if: SmallDisk.isPossible))
  func readOnly() async throws {
    let disk = try SmallDisk(options: "size=4m")
    let store = try SQLiteStore(directory: disk.path, clock: clock)
    try await store.append(QueueEntry(message(0)), to: "q")
    await store.close()
    try disk.makeReadOnly()
    let failure = #expect(throws: Failure.self) { try SQLiteStore(directory: disk.path, clock: clock) }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.reason.contains("read-only file system") == true)
  }

  @Test("a message that cannot be read now stays where it was, and comes when it can be read")
  func transientRead() async throws {
    let folder = TemporaryDirectory()
    let store = try SQLiteStore(directory: folder.path, clock: clock)
    // More than is kept in memory of the database.
    for number in 0..<48 { try await store.append(QueueEntry(large(number, size: 1 << 20)), to: "q") }
    await store.close()
    let again = try SQLiteStore(directory: folder.path, clock: clock)
    let file = try #require(OpenFile("\(folder.path)/omnibus.db"))
    var leases: [QueueLease] = []
    var failures: [Failure] = []
    for number in 0..<48 {
      if number % 8 == 0 { file.lose() }
      do {
        leases += try await again.lease(from: "q", atMost: 1, for: .seconds(30))
      } catch {
        failures.append(Failure(error))
        file.restore()
        leases += try await again.lease(from: "q", atMost: 1, for: .seconds(30))
      }
    }
    file.restore()
    #expect(leases.compactMap(\.number) == Array(0..<48))
    #expect(leases.allSatisfy { $0.message.delivery?.attempt == 1 })
    #expect(!failures.isEmpty && failures.allSatisfy { $0.kind == .unavailable }, "\(failures)")
    await again.close()
  }

  @Test("a damaged record fails the call that meets it, and what comes behind it goes on")
  func damagedRecord() async throws {
    let folder = TemporaryDirectory()
    let store = try SQLiteStore(directory: folder.path, clock: clock)
    for number in 0..<4 { try await store.append(QueueEntry(message(number), orderKey: "k"), to: "q") }
    try await store.keep(letter("a"))
    await store.close()
    do {
      let connection = try SQLiteConnection(path: "\(folder.path)/omnibus.db")
      try connection.execute("UPDATE message SET record = x'01FF' WHERE id & 0xFFFF = 1; UPDATE letter SET head = x''")
    }
    let again = try SQLiteStore(directory: folder.path, clock: clock)
    let failure = await #expect(throws: Failure.self) { try await again.lease(from: "q", atMost: 9, for: .seconds(30)) }
    #expect(failure?.kind == .internal)
    for number in 1..<4 {
      let lease = try #require(try await again.lease(from: "q", atMost: 9, for: .seconds(30)).first)
      #expect(lease.number == number)
      #expect(try await again.acknowledge(lease))
    }
    #expect(try await again.queues().first?.depth == 1)
    await #expect(throws: Failure.self) { try await again.deadLetter("a", withBody: true) }
    #expect(try await again.removeDeadLetter("a"))
    await again.close()
  }

  @Test("what is known of a dead letter is shown without its body, also where that is damaged")
  func damagedBody() async throws {
    let folder = TemporaryDirectory()
    let store = try SQLiteStore(directory: folder.path, clock: clock)
    try await store.keep(letter("a"))
    await store.close()
    do {
      let connection = try SQLiteConnection(path: "\(folder.path)/omnibus.db")
      try connection.execute("UPDATE letter SET body = x'81FF'")
    }
    let again = try SQLiteStore(directory: folder.path, clock: clock)
    #expect(try await again.deadLetter("a", withBody: false)?.attempts == letter("a").attempts)
    await #expect(throws: Failure.self) { try await again.deadLetter("a", withBody: true) }
    await again.close()
  }

  @Test("a call that fails leaves those alone that share its transaction")
  func neighbours() async throws {
    let folder = TemporaryDirectory()
    let store = try SQLiteStore(directory: folder.path, clock: clock)
    try await store.keep(letter("a"))
    await store.close()
    do {
      let connection = try SQLiteConnection(path: "\(folder.path)/omnibus.db")
      try connection.execute("UPDATE letter SET attempts = x'0105'")
    }
    let again = try SQLiteStore(directory: folder.path, clock: clock)
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<64 {
        group.addTask {
          do {
            // The history of the letter that is there cannot be read.
            if number % 8 == 0 { try await again.keep(letter("a")) }
            try await again.append(QueueEntry(message(number)), to: "q")
            return true
          } catch {
            return Failure(error).kind != .internal
          }
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(outcomes == 56)
    #expect(try await again.queues().first?.depth == 56)
    #expect(try await again.lease(from: "q", atMost: 100, for: .seconds(30)).map(\.sequence) == Array(1...56))
    await again.close()
  }

  @Test("callers at the same time share a sync")
  func groupCommit() async throws {
    let folder = TemporaryDirectory()
    let store = try SQLiteStore(directory: folder.path, clock: clock)
    try await withThrowingTaskGroup { group in
      for task in 0..<64 {
        group.addTask { for _ in 0..<20 { try await store.append(QueueEntry(message(task)), to: "q") } }
      }
      try await group.waitForAll()
    }
    #expect(try await store.queues().first?.depth == 64 * 20)
    #expect(store.commits < 64 * 20 / 2)
    await store.close()
  }

  private func large(_ number: Int, size: Int = 8 << 10) -> Message {
    var message = message(number)
    message.body = .bytes([UInt8](repeating: 0x61, count: size))
    return message
  }
}

/// A dead letter.
func letter(_ id: String) -> DeadLetter {
  DeadLetter(
    id: id, route: "r", message: message(1), size: 9, received: 1,
    attempts: [.init(time: 2, revision: "1", step: nil, component: nil, kind: .invalid, reason: "bad", tries: 1)])
}

/// A file system of its own in memory that is soon full, unmounted when nobody holds it any more.
final class SmallDisk: Sendable {
  private let folder = TemporaryDirectory()

  /// Its root.
  var path: String { folder.path }

  /// Whether this process may mount one.
  static let isPossible = (try? SmallDisk()) != nil

  /// Mounts it, with options of tmpfs(5).
  init(options: String = "size=1m") throws {
    guard mount("tmpfs", folder.path, "tmpfs", 0, options) == 0 else { throw Refused() }
  }

  deinit { umount2(folder.path, Int32(MNT_DETACH)) }

  /// Gives it another size.
  func remount(_ options: String) throws {
    guard mount("tmpfs", folder.path, "tmpfs", UInt(MS_REMOUNT), options) == 0 else { throw Refused() }
  }

  /// Lets nobody write any more.
  func makeReadOnly() throws {
    let flags = UInt(MS_REMOUNT) | UInt(MS_RDONLY)
    guard mount("tmpfs", folder.path, "tmpfs", flags, nil) == 0 else { throw Refused() }
  }

  private struct Refused: Error {}
}
