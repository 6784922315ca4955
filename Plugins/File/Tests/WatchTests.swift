import Glibc
import Omnibus
import OmnibusTesting
import Testing

@testable import FilePlugin
@testable import OmnibusReactor

/// What the kernel tells of new files; the clock stands still unless the test moves it, so no poll comes to the rescue.
@Suite(.timeLimit(.minutes(5)))
struct WatchTests {
  let clock = ManualClock()
  let folder = TemporaryDirectory()
  let names = Recorder<String>()

  @Test("a file that is renamed into the folder is taken at once, without a poll")
  func moved() async throws {
    let source = try await start([("ready", "moved"), ("pattern", "*.csv")])
    folder.write("out/a", "1")
    rename("\(folder.path)/out/a", "\(folder.path)/in/a.csv")
    #expect(await names.wait(for: 1) == ["a.csv"])
    try await source.end()
    #expect(folder.text("in/done/a.csv") == "1")
  }

  @Test("a file that was closed is taken at once where that is how senders deliver")
  func closed() async throws {
    let source = try await start([("ready", "closed")])
    folder.write("in/a.csv", "1")
    #expect(await names.wait(for: 1) == ["a.csv"])
    try await source.end()
  }

  @Test("a file that was closed but not moved in has to settle, measured from when it was closed")
  func settles() async throws {
    let source = try await start([("ready", "moved"), ("settle", "2s"), ("poll", "1h")])
    await clock.waitForTimers()
    clock.advance(by: .seconds(600))
    folder.write("in/a.csv", "1")
    // The event has shortened the wait from an hour to the time that the file needs.
    #expect(try await eventually { clock.next.map { $0 <= .seconds(2) } ?? false })
    #expect(names.all.isEmpty)
    clock.advance(by: .seconds(2))
    #expect(await names.wait(for: 1) == ["a.csv"])
    try await source.end()
  }

  @Test("files that were there before the source began settle as ever")
  func before() async throws {
    folder.write("in/a.csv", "1")
    let source = try await start([("ready", "closed"), ("settle", "5s"), ("poll", "1h")])
    await clock.waitForTimers()
    #expect(names.all.isEmpty)
    clock.advance(by: .seconds(5))
    #expect(await names.wait(for: 1) == ["a.csv"])
    try await source.end()
  }

  @Test("a file is taken at once when the one comes that says that it is complete")
  func doneFile() async throws {
    let source = try await start([("done_file", "{name}.ok"), ("pattern", "*.csv")])
    folder.write("in/a.csv", "1")
    folder.write("in/a.csv.ok", "")
    #expect(await names.wait(for: 1) == ["a.csv"])
    try await source.end()
    #expect(folder.text("in/done/a.csv") == "1")
    #expect(folder.text("in/a.csv.ok") == nil)
  }

  @Test("a folder that was removed and made again is watched again")
  func recreated() async throws {
    let source = try await start([("ready", "moved"), ("done", "\(folder.path)/done")])
    await clock.waitForTimers()
    rmdir("\(folder.path)/in/failed")
    rmdir("\(folder.path)/in")
    #expect(try await eventually { source.messages == ["the folder cannot be read, trying again"] })
    mkdir("\(folder.path)/in", 0o755)
    await clock.advanceToNext()
    #expect(try await eventually { source.messages.count == 2 })
    await clock.waitForTimers()
    folder.write("b", "1")
    rename("\(folder.path)/b", "\(folder.path)/in/b")
    #expect(await names.wait(for: 1) == ["b"])
    try await source.end()
  }

  @Test("when the kernel has lost events the source looks")
  func overflow() async throws {
    let alarm = Alarm()
    let inbound = InboundFolder(
      path: folder.path, donePath: "", failedPath: "", pattern: "*.csv", order: .name, doneFile: nil,
      respectsLocks: false, claims: nil)
    let watch = FolderWatch(inbound, .closed, alarm)
    watch.handle([.init(folder: -1, name: "", kind: .lost, isFolder: false)])
    #expect(try await alarm.wait(for: .seconds(3600), by: clock, unless: StopSignal()))
    #expect(watch.takeArrived() == [])
  }

  @Test("no more names are kept than a bounded number, and none that are hidden or do not match")
  func bounded() {
    let inbound = InboundFolder(
      path: folder.path, donePath: "", failedPath: "", pattern: "*.csv", order: .name, doneFile: nil,
      respectsLocks: false, claims: nil)
    let watch = FolderWatch(inbound, .closed, Alarm())
    watch.handle(
      ["a.txt", ".b.csv", "c.csv"].map { .init(folder: 1, name: $0, kind: .closed, isFolder: false) })
    #expect(watch.takeArrived() == ["c.csv"])
    watch.handle(
      (0...FolderWatch.nameLimit).map { .init(folder: 1, name: "\($0).csv", kind: .closed, isFolder: false) })
    #expect(watch.takeArrived().count == FolderWatch.nameLimit)
  }

  @Test("thousands of files that come while others are worked on are all taken, each once")
  func many() async throws {
    let source = try await start([("ready", "closed"), ("max_in_flight", "4")])
    for number in 0..<2_000 { folder.write("in/\(number)", "x") }
    #expect(await Set(names.wait(for: 2_000)).count == 2_000)
    try await source.end()
    #expect(names.all.count == 2_000)
  }

  private func start(_ options: [(Configuration, Configuration)]) async throws -> RunningSource {
    mkdir("\(folder.path)/in", 0o755)
    let source = try await RunningSource("\(folder.path)/in", options, clock: clock) { [names] in
      names.append($0.headers["file-name"] ?? "")
    }
    // It waits, so the folder is watched.
    await clock.waitForTimers()
    return source
  }
}
