import Glibc
import Omnibus
import OmnibusReactor
import OmnibusTesting
import Testing

@testable import FilePlugin

/// Several engines over one folder.
@Suite(.timeLimit(.minutes(5)))
struct SharedFolderTests {
  let folder = TemporaryDirectory()
  let names = Recorder<String>()

  @Test("several engines that take from one folder at once deliver each file once")
  func exactlyOnce() async throws {
    let count = 2_000
    for number in 0..<count / 2 { folder.write("in/\(number)", "\(number)") }
    var sources: [RunningSource] = []
    for place in 0..<4 {
      let options: [(Configuration, Configuration)] = [
        ("settle", "0ms"), ("poll", "20ms"), ("max_in_flight", "4"), ("takeover_after", "60s"),
        ("watch", place % 2 == 0 ? "true" : "false"), ("done", "\(folder.path)/done"),
      ]
      sources.append(
        try await RunningSource("\(folder.path)/in", options, clock: SystemClock.real()) { [names] message in
          names.append(String(decoding: try message.bodyBytes(), as: UTF8.self))
          await Task.yield()
        })
    }
    for number in count / 2..<count {
      folder.write("new", "\(number)")
      rename("\(folder.path)/new", "\(folder.path)/in/\(number)")
    }
    await names.wait(for: count)
    for source in sources { try await source.end() }
    #expect(names.all.count == count)
    #expect(Set(names.all).count == count)
    #expect(Set(sources.flatMap(\.messages)) == [])
    #expect(names(in: "done").count == count)
    #expect(names(in: "in") == [".omnibus", "failed"])
    #expect(names(in: "in/.omnibus") == [])
  }

  @Test("files of an engine that gives no sign of life go to exactly one of the others, and its place is removed")
  func takeover() async throws {
    for number in 0..<300 { folder.write("in/.omnibus/dead/\(number)", "\(number)") }
    folder.write("in/.omnibus/dead.lock", "")
    var running: [(source: RunningSource, clock: ManualClock)] = []
    for _ in 0..<3 {
      let clock = ManualClock()
      running.append((try await start(clock), clock))
      await clock.waitForTimers(2)
    }
    for (_, clock) in running { clock.advance(by: .seconds(9)) }
    #expect(names.all.isEmpty)
    for (_, clock) in running { clock.advance(by: .seconds(1)) }
    #expect(await Set(names.wait(for: 300)).count == 300)
    for (_, clock) in running {
      await clock.waitForTimers(2)
      clock.advance(by: .seconds(1))
    }
    #expect(try await eventually { names(in: "in/.omnibus").allSatisfy { !$0.hasPrefix("dead") } })
    for (source, _) in running { try await source.end() }
    #expect(names.all.count == 300)
    #expect(names(in: "in/done").count == 300)
  }

  @Test("an engine that gives signs of life keeps its files, whatever the clocks say")
  func alive() async throws {
    folder.write("in/.omnibus/other/a", "1")
    folder.write("in/.omnibus/other.lock", "")
    let clock = ManualClock()
    let source = try await start(clock)
    for second in 0..<30 {
      await clock.waitForTimers(2)
      // A clock that is decades behind, and hardly moves.
      var times = [timespec(tv_sec: 0, tv_nsec: second + 1), timespec(tv_sec: 0, tv_nsec: second + 1)]
      utimensat(AT_FDCWD, "\(folder.path)/in/.omnibus/other.lock", &times, 0)
      clock.advance(by: .seconds(1))
    }
    await clock.waitForTimers(2)
    #expect(names.all.isEmpty)
    try await source.end()
    #expect(folder.text("in/.omnibus/other/a") == "1")
  }

  @Test("an engine that was suspended for too long moves neither the file that it lost nor a new one of its name")
  func suspended() async throws {
    let gate = StopSignal()
    let started = Recorder<Int>()
    folder.write("in/a", "old")
    let slow = ManualClock()
    let first = try await start(slow) { _ in
      started.append(1)
      await gate.wait()
      throw Failure(.rejected, "no")
    }
    await started.wait(for: 1)
    let clock = ManualClock()
    let second = try await start(clock)
    for _ in 0..<10 {
      await clock.waitForTimers(2)
      clock.advance(by: .seconds(1))
    }
    #expect(await names.wait(for: 1) == ["a"])
    #expect(try await eventually { folder.text("in/done/a") == "old" })
    folder.write("in/a", "new")
    gate.signal()
    #expect(
      try await eventually {
        first.messages == ["a file failed", "a file was taken over by another engine while it was worked on"]
      })
    #expect(folder.text("in/a") == "new")
    #expect(names(in: "in/failed") == [])
    // It goes on in a place of its own.
    try await first.end()
    for _ in 0..<2 {
      await clock.waitForTimers(2)
      clock.advance(by: .seconds(1))
    }
    #expect(await names.wait(for: 2) == ["a", "a"])
    try await second.end()
    #expect(names(in: "in/.omnibus") == [])
  }

  @Test("an engine whose place was removed takes another one")
  func removedPlace() async throws {
    let clock = ManualClock()
    let source = try await start(clock)
    await clock.waitForTimers(2)
    for name in names(in: "in/.omnibus") { remove("\(folder.path)/in/.omnibus/\(name)") }
    folder.write("in/a", "1")
    clock.advance(by: .seconds(1))
    #expect(await names.wait(for: 1) == ["a"])
    try await source.end()
    #expect(folder.text("in/done/a") == "1")
  }

  @Test("a file whose work is given up goes back, and the engine leaves nothing behind")
  func cancelled() async throws {
    folder.write("in/a", "1")
    let started = Recorder<Int>()
    let clock = ManualClock()
    let source = try await start(clock) { _ in
      started.append(1)
      try await clock.sleep(for: .seconds(3600))
    }
    await started.wait(for: 1)
    #expect(folder.text("in/a") == nil)
    source.task.cancel()
    await #expect(throws: CancellationError.self) { try await source.task.value }
    #expect(folder.text("in/a") == "1")
    #expect(names(in: "in/.omnibus") == [])
  }

  @Test("the file that says that another is complete goes when that is taken, not when it is done")
  func doneFile() async throws {
    folder.write("in/a", "1")
    folder.write("in/a.ok", "")
    let clock = ManualClock()
    let marker = Recorder<Bool>()
    let source = try await start(clock, [("done_file", "{name}.ok")]) { [folder] _ in
      marker.append(folder.text("in/a.ok") == nil)
    }
    #expect(await marker.wait(for: 1) == [true])
    try await source.end()
  }

  @Test("work that was given up puts the file that says so back too, so that the next engine takes the file again")
  func doneFileComesBack() async throws {
    folder.write("in/a", "1")
    folder.write("in/a.ok", "")
    let started = Recorder<Int>()
    let clock = ManualClock()
    let first = try await start(clock, [("done_file", "{name}.ok")]) { _ in
      started.append(1)
      try await clock.sleep(for: .seconds(3600))
    }
    await started.wait(for: 1)
    first.task.cancel()
    await #expect(throws: CancellationError.self) { try await first.task.value }
    #expect(names(in: "in") == [".omnibus", "a", "a.ok", "failed"])
    let second = try await start(ManualClock(), [("done_file", "{name}.ok")])
    #expect(await names.wait(for: 1) == ["a"])
    try await second.end()
    #expect(names(in: "in") == [".omnibus", "failed"])
    #expect(folder.text("in/done/a") == "1")
  }

  @Test("work that was given up does not declare another file of the name complete")
  func doneFileOfAnother() async throws {
    folder.write("in/a", "1")
    folder.write("in/a.ok", "")
    let started = Recorder<Int>()
    let clock = ManualClock()
    let source = try await start(clock, [("done_file", "{name}.ok")]) { _ in
      started.append(1)
      try await clock.sleep(for: .seconds(3600))
    }
    await started.wait(for: 1)
    folder.write("in/a", "half of the next o")
    source.task.cancel()
    await #expect(throws: CancellationError.self) { try await source.task.value }
    #expect(folder.text("in/a") == "half of the next o" && folder.text("in/a.ok") == nil)
  }

  @Test("a file that is locked is neither moved nor robbed of the file that says that it is complete")
  func lockedWithDoneFile() async throws {
    folder.write("in/a", "1")
    folder.write("in/a.ok", "")
    let held = open("\(folder.path)/in/a", O_RDWR)
    #expect(flock(held, LOCK_EX) == 0)
    let clock = ManualClock()
    let source = try await start(clock, [("done_file", "{name}.ok"), ("respect_locks", "true")])
    await clock.waitForTimers(2)
    #expect(names(in: "in") == [".omnibus", "a", "a.ok", "failed"])
    close(held)
    clock.advance(by: .seconds(1))
    #expect(await names.wait(for: 1) == ["a"])
    try await source.end()
    #expect(names(in: "in") == [".omnibus", "failed"])
  }

  @Test("what is no place of an engine does not keep the files of those that are gone from being taken")
  func strayEntries() async throws {
    folder.write("in/.omnibus/stray", "")
    symlink("/nowhere", "\(folder.path)/in/.omnibus/link")
    folder.write("in/.omnibus/dead/a", "1")
    let clock = ManualClock()
    let source = try await start(clock)
    for _ in 0..<10 {
      await clock.waitForTimers(2)
      clock.advance(by: .seconds(1))
    }
    #expect(await names.wait(for: 1) == ["a"])
    folder.write("in/b", "2")
    await clock.waitForTimers(2)
    clock.advance(by: .seconds(1))
    #expect(await names.wait(for: 2) == ["a", "b"])
    #expect(source.messages == [])
    try await source.end()
  }

  @Test("a link in the place of the folder for what is taken leads nowhere")
  func linkedPlace() async throws {
    mkdir("\(folder.path)/elsewhere", 0o755)
    mkdir("\(folder.path)/in", 0o755)
    symlink("\(folder.path)/elsewhere", "\(folder.path)/in/.omnibus")
    folder.write("in/a", "1")
    let clock = ManualClock()
    let source = try await start(clock)
    await clock.waitForTimers(2)
    #expect(source.messages == ["the folder cannot be read, trying again"])
    #expect(names(in: "elsewhere") == [] && folder.text("in/a") == "1")
    try await source.end()
  }

  private func names(in name: String) -> [String] {
    guard let place = opendir("\(folder.path)/\(name)") else { return [] }
    defer { closedir(place) }
    var all: [String] = []
    while let entry = readdir(place) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { all.append(name) }
    }
    return all.filter { $0 != "done" }.sorted()
  }

  /// Starts an engine that polls every second, and takes over after ten.
  private func start(
    _ clock: ManualClock, _ options: [(Configuration, Configuration)] = [],
    _ work: (@Sendable (Message) async throws -> Void)? = nil
  ) async throws -> RunningSource {
    mkdir("\(folder.path)/in", 0o755)
    var all: [(Configuration, Configuration)] = [
      ("watch", "false"), ("poll", "1s"), ("takeover_after", "10s"),
    ]
    if !options.contains(where: { $0.0.node.text == "done_file" }) { all.append(("settle", "0ms")) }
    return try await RunningSource("\(folder.path)/in", all + options, clock: clock) { [names] message in
      if let work { return try await work(message) }
      names.append(message.headers["file-name"] ?? "")
    }
  }
}
