import Glibc
import Omnibus
import OmnibusReactor
import OmnibusStore

/// Appends messages of 1 KB by 64 tasks: to a queue of the store, and to a file that is synced for all that wait, in
/// turns; then works the queue off. Prints a line of JSON a round: `{"what": "store", "per_second": 81234.5, …}`.
@main
struct StoreBenchmark {
  static let tasks = 64
  static let size = 1000

  static func main() async throws {
    let seconds = CommandLine.arguments.dropFirst().first.flatMap { Double($0) } ?? 2
    let rounds = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 5
    let parent = CommandLine.arguments.dropFirst(3).first ?? "/tmp"
    var template = Array("\(parent)/omnibus-store-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(.unavailable, "there is no folder \(parent)") }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let reactors = try ReactorGroup(count: 1)
    defer {
      reactors.stop()
      rmdir(folder)
    }
    for round in 0..<rounds {
      try await measureFile("\(folder)/file-\(round)", seconds)
      try await measureStore("store", "\(folder)/store-\(round)", nil, reactors, seconds)
      try await measureStore(
        "sealed", "\(folder)/sealed-\(round)", [UInt8](repeating: 7, count: 32), reactors, seconds / 2)
    }
  }

  private static func measureFile(_ path: String, _ seconds: Double) async throws {
    let file = try SyncedFile(path)
    let bytes = [UInt8](repeating: 0x61, count: size)
    let (count, elapsed, cpu) = try await measure(seconds) { _ in try await file.append(bytes) }
    await file.close()
    unlink(path)
    report("file", count, elapsed, cpu, group: Double(count) / Double(max(file.syncs, 1)))
  }

  private static func measureStore(
    _ name: String, _ folder: String, _ key: [UInt8]?, _ reactors: ReactorGroup, _ seconds: Double
  ) async throws {
    let store = try SQLiteStore(directory: folder, key: key, clock: SystemClock(reactors: reactors))
    let body = [UInt8](repeating: 0x61, count: size)
    let (count, elapsed, cpu) = try await measure(seconds) { _ in
      try await store.append(QueueEntry(Message(headers: ["content-type": "text/plain"], body: .bytes(body))), to: "q")
    }
    report(name, count, elapsed, cpu, group: Double(count) / Double(max(store.commits, 1)))
    let (drained, time, spent) = try await measure(.infinity) { _ in
      let leases = try await store.lease(from: "q", atMost: 1, for: .seconds(60))
      guard let lease = leases.first else { throw Ended() }
      _ = try await store.acknowledge(lease)
    }
    report("\(name) drain", drained, time, spent, group: 0)
    await store.close()
    for file in ["omnibus.db", "omnibus.db-wal", "omnibus.lock", "omnibus.attempts"] { unlink("\(folder)/\(file)") }
    rmdir(folder)
  }

  private struct Ended: Error {}

  /// Runs `body` in all tasks until the time is over or it has ended.
  private static func measure(
    _ seconds: Double, _ body: @escaping @Sendable (Int) async throws -> Void
  ) async throws -> (count: Int, seconds: Double, cpu: Double) {
    let (start, cpu) = (MonotonicTime.now, processorTime())
    let end = seconds.isFinite ? start + UInt64(seconds * 1e9) : .max
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<tasks {
        group.addTask {
          var count = 0
          do {
            while MonotonicTime.now < end {
              try await body(count)
              count += 1
            }
          } catch is Ended {}
          return count
        }
      }
      return try await group.reduce(0, +)
    }
    return (count, Double(MonotonicTime.now - start) / 1e9, processorTime() - cpu)
  }

  private static func report(_ what: String, _ count: Int, _ seconds: Double, _ cpu: Double, group: Double) {
    let perSecond = Double(count) / seconds
    let microseconds = cpu * 1e6 / Double(max(count, 1))
    print(
      #"{"what": "\#(what)", "per_second": \#(perSecond), "cpu_us": \#(microseconds), "group": \#(group)}"#)
    fflush(nil)
  }

  private static func processorTime() -> Double {
    var usage = rusage()
    getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
  }
}
