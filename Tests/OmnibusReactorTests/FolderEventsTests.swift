import Glibc
import OmnibusTesting
import Testing

@testable import OmnibusReactor

struct FolderEventsTests {
  let folder = TemporaryDirectory()

  @Test("files that are closed and moved in are told with their names, and the end of the folder is")
  func events() async throws {
    let reactors = try ReactorGroup(count: 1)
    let told = Recorder<FolderEvents.Event>()
    let events = try FolderEvents.start(on: reactors.reactors[0]) { for event in $0 { told.append(event) } }
    mkdir("\(folder.path)/in", 0o755)
    let number = try events.watch("\(folder.path)/in", [.closed, .movedIn])
    #expect(try events.watch("\(folder.path)/in", [.closed, .movedIn]) == number)
    folder.write("in/a", "1")
    folder.write("b", "1")
    rename("\(folder.path)/b", "\(folder.path)/in/c")
    mkdir("\(folder.path)/d", 0o755)
    rename("\(folder.path)/d", "\(folder.path)/in/e")
    var all = await told.wait(for: 3)
    #expect(all.map(\.name) == ["a", "c", "e"])
    #expect(all.map(\.isFolder) == [false, false, true])
    #expect(all[0].kind.contains(.closed) && all[1].kind.contains(.movedIn))
    #expect(all.allSatisfy { $0.folder == number })
    rename("\(folder.path)/in", "\(folder.path)/out")
    all = await told.wait(for: 4)
    #expect(all[3].name == "" && !all[3].kind.isDisjoint(with: .gone))
    events.stop()
  }

  @Test("what is no folder cannot be watched, and no folder need be")
  func wrong() throws {
    let reactors = try ReactorGroup(count: 1)
    let events = try FolderEvents.start(on: reactors.reactors[0]) { _ in }
    folder.write("a", "1")
    #expect(throws: SystemError("inotify_add_watch", code: ENOTDIR)) {
      try events.watch("\(folder.path)/a", .closed)
    }
    #expect(throws: SystemError("inotify_add_watch", code: ENOENT)) {
      try events.watch("\(folder.path)/b", .closed)
    }
    events.unwatch(99)
    events.stop()
  }
}
