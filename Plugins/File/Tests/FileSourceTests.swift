import Glibc
import Omnibus
import OmnibusTesting
import Testing

@testable import FilePlugin

struct FileSourceTests {
  let clock = ManualClock()
  let folder = TemporaryDirectory()
  let stop = StopSignal()
  let log = LogRecorder()

  @Test("a file becomes a message, and is moved to done")
  func done() async throws {
    folder.write("a.csv", "id\n1\n")
    let messages = Recorder<Message>()
    let task = try await start(["settle": "0ms"]) { messages.append($0) }
    let message = try #require(await messages.wait(for: 1).first)
    #expect(message.headers["file-name"] == "a.csv")
    #expect(message.contentType == "text/csv")
    #expect(try message.bodyBytes() == Array("id\n1\n".utf8))
    #expect(message.properties["file"]?.member("size")?.int == 5)
    #expect(message.properties["file"]?.member("path")?.string == "\(folder.path)/a.csv")
    await clock.waitForTimers()
    #expect(folder.text("done/a.csv") == "id\n1\n")
    #expect(folder.files == ["done", "failed"])
    try await end(task)
  }

  @Test("two sources claim the same files however their folder is spelt, and others where their patterns differ")
  func claims() throws {
    func claim(_ directory: String, _ pattern: String) throws -> SourceClaim {
      let options: Configuration = ["directory": "\(directory)", "pattern": "\(pattern)"]
      let context = Context.testing()
      let scope = LoadScope(subject: "file", context: context, builder: ComponentLoader([]))
      let decoded = try #require(FileSourceOptions.decode(options.node, in: scope), "\(scope.problems)")
      return try #require(FileSource(decoded, context).claims.first)
    }
    let first = try claim("../in", "*.csv")
    for directory in ["../in", "../in/", ".././in", "..//other/../in"] {
      #expect(try first.conflicts(with: claim(directory, "*")))
      #expect(try !first.conflicts(with: claim(directory, "*.visits")))
    }
    #expect(try !first.conflicts(with: claim("../out", "*.csv")))
  }

  @Test("a file whose message fails is moved to failed, and logged; the others go on")
  func failed() async throws {
    folder.write("a.csv", "bad")
    folder.write("b.csv", "good")
    let task = try await start(["settle": "0ms", "done": "\(folder.path)/out/good", "failed": "\(folder.path)/out/bad"])
    {
      if try $0.bodyBytes() == Array("bad".utf8) { throw Failure(.rejected, "no") }
    }
    await clock.waitForTimers()
    #expect(folder.text("out/bad/a.csv") == "bad")
    #expect(folder.text("out/good/b.csv") == "good")
    let line = try #require(log.lines.all.first)
    #expect(line.message == "a file failed")
    #expect(line.fields["file"] == "a.csv" && line.fields["failure"] == "rejected" && line.fields["reason"] == "no")
    try await end(task)
  }

  @Test("a file is read only once it has stood still for the settle time")
  func settling() async throws {
    let names = Recorder<String>()
    folder.write("a.csv", "1")
    let task = try await start(["settle": "2s", "poll": "1s"]) { names.append($0.headers["file-name"] ?? "") }
    await clock.advanceToNext()
    await clock.waitForTimers()
    folder.write("a.csv", "12")
    for _ in 0..<2 {
      await clock.advanceToNext()
      await clock.waitForTimers()
      #expect(names.all.isEmpty)
    }
    await clock.advanceToNext()
    #expect(await names.wait(for: 1) == ["a.csv"])
    await clock.waitForTimers()
    #expect(folder.text("done/a.csv") == "12")
    try await end(task)
  }

  @Test("a file waits for the one that says that it is complete, which is removed with it")
  func doneFile() async throws {
    let names = Recorder<String>()
    folder.write("a.csv", "1")
    folder.write("b.csv", "2")
    folder.write("b.csv.ready", "")
    let task = try await start(["done_file": "{name}.ready"]) { names.append($0.headers["file-name"] ?? "") }
    await clock.waitForTimers()
    #expect(names.all == ["b.csv"])
    #expect(folder.files == ["a.csv", "done", "failed"])
    folder.write("a.csv.ready", "")
    await clock.advanceToNext()
    await names.wait(for: 2)
    await clock.waitForTimers()
    #expect(folder.files == ["done", "failed"])
    try await end(task)
  }

  @Test("only files of the pattern are taken, in their order, and none that are hidden, folders or links")
  func pattern() async throws {
    for name in ["b.csv", "a.csv", "c.txt", ".hidden.csv", "d.csv/inner.csv"] { folder.write(name, "x") }
    symlink("/etc/passwd", "\(folder.path)/e.csv")
    mkfifo("\(folder.path)/f.csv", 0o600)
    let names = Recorder<String>()
    let task = try await start(["settle": "0ms", "pattern": "*.csv"]) { names.append($0.headers["file-name"] ?? "") }
    await clock.waitForTimers()
    #expect(names.all == ["a.csv", "b.csv"])
    #expect(folder.files == [".hidden.csv", "c.txt", "d.csv", "done", "e.csv", "f.csv", "failed"])
    try await end(task)
  }

  @Test("files can come in the order of their modification")
  func modified() async throws {
    for (name, time) in [("a", 300), ("b", 100), ("c", 200)] {
      folder.write(name, name)
      var times = [timespec(tv_sec: time, tv_nsec: 0), timespec(tv_sec: time, tv_nsec: 0)]
      utimensat(AT_FDCWD, "\(folder.path)/\(name)", &times, 0)
    }
    let names = Recorder<String>()
    let task = try await start(["settle": "0ms", "order": "modified"]) { names.append($0.headers["file-name"] ?? "") }
    await clock.waitForTimers()
    #expect(names.all == ["b", "c", "a"])
    try await end(task)
  }

  @Test("a file never replaces another one, it gets a number")
  func numbered() async throws {
    folder.write("done/a.csv", "first")
    folder.write("done/a-2.csv", "second")
    folder.write("a.csv", "third")
    let task = try await start(["settle": "0ms"]) { _ in }
    await clock.waitForTimers()
    #expect(folder.text("done/a.csv") == "first")
    #expect(folder.text("done/a-2.csv") == "second")
    #expect(folder.text("done/a-3.csv") == "third")
    try await end(task)
  }

  @Test("a large file is a stream, whose pieces are the file")
  func stream() async throws {
    let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
    folder.write("a.bin", bytes)
    let read = Recorder<[UInt8]>()
    let task = try await start(["settle": "0ms", "stream_above": "64KiB"]) { message in
      guard case .stream(let stream) = message.body else { return read.append([]) }
      #expect(stream.length == 700_000)
      read.append(try await stream.collect(limit: 1 << 20))
    }
    #expect(await read.wait(for: 1) == [bytes])
    await clock.waitForTimers()
    #expect(folder.read("done/a.bin")?.count == 700_000)
    try await end(task)
  }

  @Test("a file that grows while it is read fails")
  func growing() async throws {
    folder.write("a.bin", [UInt8](repeating: 1, count: 300_000))
    let task = try await start(["settle": "0ms", "stream_above": "0B"]) { [folder] message in
      guard case .stream(let stream) = message.body else { return }
      _ = try await stream.next()
      folder.write("a.bin", [UInt8](repeating: 1, count: 300_001))
      while try await stream.next() != nil {}
    }
    let line = try #require(await log.lines.wait(for: 1).first)
    #expect(line.fields["reason"] == "the file changed while it was read")
    await clock.waitForTimers()
    #expect(folder.files == ["done", "failed"])
    try await end(task)
  }

  @Test("a file that vanishes is logged, and the source goes on")
  func vanishing() async throws {
    folder.write("a.csv", "1")
    folder.write("b.csv", "2")
    let names = Recorder<String>()
    let task = try await start(["settle": "0ms"]) { [folder] message in
      names.append(message.headers["file-name"] ?? "")
      unlink("\(folder.path)/b.csv")
    }
    await clock.waitForTimers()
    #expect(names.all == ["a.csv"])
    #expect(log.lines.all.map(\.message) == ["a file vanished before it was read"])
    try await end(task)
  }

  @Test("a folder that vanishes is logged once, and read again when it is back")
  func folderGone() async throws {
    folder.write("in/x", "")
    let names = Recorder<String>()
    let task = try await start(["settle": "0ms", "directory": "\(folder.path)/in"]) {
      names.append($0.headers["file-name"] ?? "")
    }
    await clock.waitForTimers()
    rename("\(folder.path)/in", "\(folder.path)/gone")
    for _ in 0..<2 {
      await clock.advanceToNext()
      await clock.waitForTimers()
    }
    rename("\(folder.path)/gone", "\(folder.path)/in")
    folder.write("in/y", "")
    await clock.advanceToNext()
    await names.wait(for: 2)
    #expect(
      log.lines.all.map(\.message) == ["the folder cannot be read, trying again", "the folder can be read again"])
    await clock.waitForTimers()
    try await end(task)
  }

  @Test("a file that cannot be moved on is not delivered again")
  func unmovable() async throws {
    folder.write("a.csv", "1")
    let count = Recorder<Int>()
    let task = try await start(["settle": "0ms", "pattern": "*.csv"]) { [folder] _ in
      count.append(1)
      rmdir("\(folder.path)/done")
      folder.write("done", "in the way")
    }
    await clock.waitForTimers()
    await clock.advanceToNext()
    await clock.waitForTimers()
    #expect(log.lines.all.map(\.message) == Array(repeating: "a file cannot be moved on, trying again", count: 2))
    unlink("\(folder.path)/done")
    await clock.advanceToNext()
    await clock.waitForTimers()
    #expect(folder.text("done/a.csv") == "1")
    #expect(count.all == [1])
    try await end(task)
  }

  @Test("a file that cannot be moved on is not delivered again after its folder could not be read")
  func unmovableInVanishedFolder() async throws {
    folder.write("in/a.csv", "1")
    let count = Recorder<Int>()
    let task = try await start(
      ["settle": "1s", "poll": "1s", "directory": "\(folder.path)/in", "done": "\(folder.path)/done"]
    ) { [folder] _ in
      count.append(1)
      rmdir("\(folder.path)/done")
      folder.write("done", "in the way")
    }
    await clock.waitForTimers()
    await clock.advanceToNext()
    await clock.waitForTimers()
    #expect(count.all == [1])
    rename("\(folder.path)/in", "\(folder.path)/gone")
    await clock.advanceToNext()
    await clock.waitForTimers()
    rename("\(folder.path)/gone", "\(folder.path)/in")
    unlink("\(folder.path)/done")
    await clock.advanceToNext()
    await clock.waitForTimers()
    #expect(folder.text("done/a.csv") == "1")
    #expect(count.all == [1])
    try await end(task)
  }

  @Test("several files can be worked on at once")
  func parallel() async throws {
    for number in 0..<9 { folder.write("\(number)", "x") }
    let gate = StopSignal()
    let started = Recorder<Int>()
    let task = try await start(["settle": "0ms", "max_in_flight": "3"]) { _ in
      started.append(1)
      await gate.wait()
    }
    await started.wait(for: 3)
    #expect(started.all.count == 3)
    gate.signal()
    await clock.waitForTimers()
    #expect(started.all.count == 9)
    try await end(task)
  }

  @Test("a source that is to stop ends the file under way and begins no other")
  func stopping() async throws {
    folder.write("a", "1")
    folder.write("b", "2")
    let gate = StopSignal()
    let started = Recorder<Int>()
    let task = try await start(["settle": "0ms"]) { _ in
      started.append(1)
      await gate.wait()
    }
    await started.wait(for: 1)
    stop.signal()
    gate.signal()
    try await task.value
    #expect(folder.files == ["b", "done", "failed"])
    #expect(folder.text("done/a") == "1")
  }

  @Test("a file whose work is given up stays where it is")
  func cancelled() async throws {
    folder.write("a", "1")
    let started = Recorder<Int>()
    let task = try await start(["settle": "0ms"]) { [clock] _ in
      started.append(1)
      try await clock.sleep(for: .seconds(1))
    }
    await started.wait(for: 1)
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(folder.files == ["a", "done", "failed"])
  }

  @Test("names that hold control characters are left alone, and that is said once")
  func unusableNames() async throws {
    folder.write("a\nb", "1")
    let task = try await start(["settle": "0ms"]) { _ in Issue.record("delivered") }
    await clock.advanceToNext()
    await clock.waitForTimers()
    #expect(log.lines.all.map(\.fields["count"]) == ["1"])
    try await end(task)
  }

  @Test("a folder that is not there is said before anything is served")
  func missing() async throws {
    let failure = await #expect(throws: Failure.self) {
      try await start(["directory": "\(folder.path)/missing"]) { _ in }
    }
    #expect(failure?.reason == "cannot open the folder \(folder.path)/missing: open: no such file or directory")
  }

  @Test("wrong options are reported")
  func options() {
    for wrong: Configuration in [
      [:], ["directory": "x", "done_file": "done"], ["directory": "x", "done_file": "{name}"],
      ["directory": "x", "pattern": "a/*"], ["directory": "x", "poll": "1ms"], ["directory": ""],
      ["directory": "x", "done_file": "../{name}"],
    ] {
      #expect(throws: Diagnostics.self) { try ComponentLoader([.file]).make(.source, "file", wrong) }
    }
  }

  @Test(
    "a folder among the routes is reported",
    arguments: [
      ("Routes/a", ".", true), ("Routes/a", "in", true), ("Routes/a", "../in", true),
      ("Routes", "../Routes/./in", true),
      ("Routes", "../RoutesData", false), ("Routes", "../data/in", false), ("Routes/a", "../../in", false),
      ("Routes", "/srv/in", false), ("/srv", "/srv/in", true),
    ])
  func dataAmongRoutes(_ directory: String, _ path: String, _ isReported: Bool) {
    let folder = directory.hasPrefix("/") ? "/srv/" : "./Routes"
    let loader = ComponentLoader([.file], context: .testing(directory: directory, routesFolder: folder))
    var codes: [String] = []
    do throws(Diagnostics) {
      _ = try loader.make(.source, "file", ["directory": "/elsewhere", "done": Configuration(stringLiteral: path)])
    } catch {
      codes += error.all.map(\.code)
    }
    do throws(Diagnostics) {
      _ = try loader.make(.destination, "file", ["directory": Configuration(stringLiteral: path), "name": "a"])
    } catch {
      codes += error.all.map(\.code)
    }
    #expect(codes == (isReported ? ["data-in-routes", "data-in-routes"] : []))
  }

  /// Runs a source over the folder until it is stopped.
  private func start(
    _ options: Configuration, _ work: @escaping @Sendable (Message) async throws -> Void
  ) async throws -> Task<Void, any Error> {
    var node = options.node
    if node["directory"] == nil, let entries = node.entries {
      node.value = .mapping(
        entries + [(Configuration("directory").node, Configuration(stringLiteral: folder.path).node)])
    }
    // By polling alone, which the manual clock decides.
    if node["watch"] == nil, let entries = node.entries {
      node.value = .mapping(entries + [(Configuration("watch").node, Configuration("false").node)])
    }
    let context = Context.testing(clock: clock, log: log)
    let scope = LoadScope(subject: "file", context: context, builder: ComponentLoader([]))
    let decoded = try #require(FileSourceOptions.decode(node, in: scope), "\(scope.problems)")
    let source = FileSource(decoded, context)
    try await source.prepare()
    let deliver = Deliver.testing(context: context, stop: stop) { message in
      try await work(message)
      return .next
    }
    return Task { try await source.run(deliver) }
  }

  private func end(_ task: Task<Void, any Error>) async throws {
    stop.signal()
    try await task.value
  }
}
