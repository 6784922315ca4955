import Glibc
import Omnibus
import OmnibusTesting
import Testing

@testable import OmnibusStore

@Suite(.timeLimit(.minutes(5))) struct LogTests {
  private let folder = TemporaryDirectory()

  private var logSize: Int {
    var status = stat()
    return stat("\(folder.path)/omnibus.db-wal", &status) == 0 ? Int(status.st_size) : 0
  }

  @Test("the log of the database is written back while commits go on, and all is there afterwards")
  func writtenBack() async throws {
    let store = try SQLiteStore(directory: folder.path, clock: ManualClock())
    let body = [UInt8](repeating: 0x61, count: 128 << 10)
    let longest = 8 * LogKeeper.pages * StoreOpening.pageSize
    // Twice as much as the log may hold at the most.
    let count = 2 * longest / body.count
    try await withThrowingTaskGroup { group in
      for worker in 0..<16 {
        group.addTask {
          for _ in 0..<count / 16 {
            try await store.append(QueueEntry(Message(body: .bytes(body))), to: "q\(worker)")
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(logSize <= longest)
    await store.close()
    #expect(logSize == 0)
    let again = try SQLiteStore(directory: folder.path, clock: ManualClock())
    #expect(try await again.queues().map(\.depth).reduce(0, +) == count)
    await again.close()
  }
}
