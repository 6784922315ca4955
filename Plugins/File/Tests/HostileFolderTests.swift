import Glibc
import Logging
import Omnibus
import OmnibusReactor
import OmnibusTesting
import Testing

@testable import FilePlugin

/// What others do in the folder while a source works: remove, replace, lock, link.
@Suite(.timeLimit(.minutes(5)))
struct HostileFolderTests {
  let clock = ManualClock()
  let folder = TemporaryDirectory()

  @Test("a file that is removed while it is worked on is a warning, and nothing is tried again")
  func removed() async throws {
    folder.write("a", "1")
    let source = try await start { [folder] _ in unlink("\(folder.path)/a") }
    await clock.waitForTimers()
    await clock.advanceToNext()
    await clock.waitForTimers()
    #expect(source.messages == ["a file vanished while it was worked on"])
    #expect(source.log.lines.all.first?.level == .warning)
    try await source.end()
    #expect(folder.files == ["done", "failed"])
  }

  @Test("a file that another one took the place of is not moved on in its stead, but delivered")
  func replaced() async throws {
    let bodies = Recorder<[UInt8]>()
    folder.write("a", "old")
    let source = try await start { [folder] in
      bodies.append(try $0.bodyBytes())
      guard bodies.all.count == 1 else { return }
      folder.write("b/a", "new")
      rename("\(folder.path)/b/a", "\(folder.path)/a")
    }
    await clock.waitForTimers()
    #expect(folder.files == ["a", "b", "done", "failed"])
    await clock.advanceToNext()
    #expect(await bodies.wait(for: 2) == [Array("old".utf8), Array("new".utf8)])
    try await source.end()
    #expect(folder.text("done/a") == "new")
  }

  @Test("a file that grew after it was read comes again, so that what was added is not lost")
  func grown() async throws {
    let bodies = Recorder<[UInt8]>()
    folder.write("a", "1")
    let source = try await start { [folder] in
      bodies.append(try $0.bodyBytes())
      if bodies.all.count == 1 { folder.write("a", "12") }
    }
    await clock.waitForTimers()
    await clock.advanceToNext()
    #expect(await bodies.wait(for: 2).last == Array("12".utf8))
    try await source.end()
    #expect(folder.text("done/a") == "12")
  }

  @Test("a link, a pipe or a folder that takes the place of a file is not read, and does not hang", arguments: 0..<3)
  func swapped(kind: Int) throws {
    folder.write("a", "1")
    folder.write("outside/secret", "s")
    let inbound = inbound()
    let found = try #require(try inbound.look(at: 0).files.first)
    unlink("\(folder.path)/a")
    switch kind {
    case 0: symlink("\(folder.path)/outside/secret", "\(folder.path)/a")
    case 1: mkfifo("\(folder.path)/a", 0o600)
    default: mkdir("\(folder.path)/a", 0o700)
    }
    guard case .notYet = try inbound.take(found) else {
      Issue.record("taken")
      return
    }
  }

  @Test("a link that takes the place of a file which is worked on is not moved")
  func swappedLater() throws {
    folder.write("a", "1")
    let inbound = inbound()
    let found = try #require(try inbound.look(at: 0).files.first)
    guard case .taken(let file) = try inbound.take(found) else {
      Issue.record("not taken")
      return
    }
    unlink("\(folder.path)/a")
    symlink("/etc/passwd", "\(folder.path)/a")
    #expect(try inbound.move(file, succeeded: true) == .replaced)
    #expect(folder.files.contains("a"))
  }

  @Test("a link in the place of the folder for what is done leads nowhere")
  func linkedTarget() async throws {
    folder.write("a", "1")
    mkdir("\(folder.path)/elsewhere", 0o755)
    let source = try await start { [folder] _ in
      rmdir("\(folder.path)/done")
      symlink("\(folder.path)/elsewhere", "\(folder.path)/done")
    }
    await clock.waitForTimers()
    #expect(source.messages == ["a file cannot be moved on, trying again"])
    #expect(folder.text("a") == "1" && folder.text("elsewhere/a") == nil)
    unlink("\(folder.path)/done")
    await clock.advanceToNext()
    #expect(try await eventually { folder.text("done/a") == "1" })
    try await source.end()
  }

  @Test("while files cannot be moved on no others are taken, and the attempts become rarer")
  func fullTarget() async throws {
    for name in ["a", "b", "c"] { folder.write(name, "1") }
    let names = Recorder<String>()
    let source = try await start { [folder] in
      names.append($0.headers["file-name"] ?? "")
      if names.all.count == 1 {
        rmdir("\(folder.path)/done")
        folder.write("done", "in the way")
      }
    }
    var pauses: [Duration?] = []
    for _ in 0..<9 {
      await clock.waitForTimers()
      pauses.append(clock.next)
      await clock.advanceToNext()
    }
    await clock.waitForTimers()
    #expect(pauses == [1, 1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
    #expect(names.all == ["a"])
    #expect(source.messages.count == 10)
    unlink("\(folder.path)/done")
    await clock.advanceToNext()
    #expect(await names.wait(for: 3) == ["a", "b", "c"])
    try await source.end()
  }

  @Test("a file that another program holds locked is left until it is unlocked", arguments: [true, false])
  func locked(byFlock: Bool) async throws {
    folder.write("a", "1")
    let names = Recorder<String>()
    // Another process, since locks by fcntl are between processes.
    let how = byFlock ? "fcntl.flock(f, fcntl.LOCK_EX)" : "fcntl.lockf(f, fcntl.LOCK_EX)"
    let script = """
      import fcntl, os, sys
      f = open(sys.argv[1], 'r+'); \(how)
      os.write(1, b'x'); os.read(0, 1)
      """
    let program = try await Locker(script, "\(folder.path)/a")
    let source = try await start([("respect_locks", "true")]) { names.append($0.headers["file-name"] ?? "") }
    await clock.advanceToNext()
    await clock.waitForTimers()
    #expect(names.all == [])
    try await program.end()
    await clock.advanceToNext()
    #expect(await names.wait(for: 1) == ["a"])
    try await source.end()
  }

  @Test("where the file system cannot rename without replacing, a link does it, and replaces nothing")
  func byLink() throws {
    folder.write("a", "1")
    folder.write("done/a", "2")
    let from = try Folder(folder.path)
    let to = try Folder("done", in: from)
    #expect(throws: SystemError("link", code: EEXIST)) { try from.moveByLink("a", to: to, as: "a") }
    try from.moveByLink("a", to: to, as: "a-2")
    #expect(folder.text("a") == nil && folder.text("done/a") == "2" && folder.text("done/a-2") == "1")
  }

  @Test("a number finds its place in the longest name")
  func longNames() throws {
    let name = String(repeating: "ü", count: 125) + ".json"
    let numbered = FileName.numbered(name, 9_999)
    #expect(numbered.utf8.count <= 255 && numbered.hasSuffix("-9999.json"))
    #expect(FileName.numbered("a.csv", 2) == "a-2.csv")
    #expect(FileName.numbered("a", 2) == "a-2")
  }

  private func inbound() -> InboundFolder {
    InboundFolder(
      path: folder.path, donePath: "\(folder.path)/done", failedPath: "\(folder.path)/failed", pattern: "*",
      order: .name, doneFile: nil, respectsLocks: false, claims: nil)
  }

  private func start(
    _ options: [(Configuration, Configuration)] = [], _ work: @escaping @Sendable (Message) async throws -> Void
  ) async throws -> RunningSource {
    try await RunningSource(
      folder.path, [("settle", "0ms"), ("watch", "false")] + options, clock: clock, work)
  }
}
