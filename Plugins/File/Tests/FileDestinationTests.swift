import CReactor
import Glibc
import Omnibus
import OmnibusReactor
import OmnibusTesting
import Synchronization
import Testing

@testable import FilePlugin

struct FileDestinationTests {
  let folder = TemporaryDirectory()

  @Test("a body becomes a file, in a folder that is made")
  func create() async throws {
    try await write("a.txt", ["name": "${ headers.name }", "directory": "\(folder.path)/out/deep"], .bytes([1, 2, 3]))
    #expect(folder.read("out/deep/a.txt") == [1, 2, 3])
    #expect(folder.files == ["out"])
  }

  @Test("a stream becomes a file piece by piece")
  func stream() async throws {
    let left = Recorder<Int>()
    let stream = BodyStream {
      left.append(1)
      return left.all.count <= 3 ? [UInt8](repeating: UInt8(left.all.count), count: 2) : nil
    }
    try await write("a.bin", [:], .stream(stream))
    #expect(folder.read("a.bin") == [1, 1, 2, 2, 3, 3])
  }

  private final class Unnamed: UnnamedFile {
    let descriptor: Int32

    init(in folder: String, _ bytes: [UInt8]) {
      descriptor = omnibus_open_nameless(folder)
      Glibc.write(descriptor, bytes, bytes.count)
    }

    deinit { close(descriptor) }

    var inode: ino_t {
      var status = stat()
      return fstat(descriptor, &status) == 0 ? status.st_ino : 0
    }
  }

  @Test("a stream that lies in a file without a name is given one, with the rights of a new file")
  func unnamed() async throws {
    let file = Unnamed(in: folder.path, [1, 2, 3])
    try await write("a.bin", [:], .stream(BodyStream(file: file) { throw Failure(.internal, "it was read") }))
    try await write("b.bin", [:], .bytes([1]))
    #expect(folder.read("a.bin") == [1, 2, 3])
    var (named, new) = (stat(), stat())
    #expect(stat("\(folder.path)/a.bin", &named) == 0 && stat("\(folder.path)/b.bin", &new) == 0)
    #expect(named.st_ino == file.inode && named.st_nlink == 1)
    #expect(named.st_mode == new.st_mode && named.st_gid == new.st_gid)
    #expect(folder.files == ["a.bin", "b.bin"])
  }

  @Test("who watches the folder is told of a file by its name, whether written or named", arguments: [true, false])
  func watched(isUnnamed: Bool) async throws {
    let closed = Recorder<String>()
    let reactor = try #require(Context.testing().reactors.reactors.first)
    let events = try FolderEvents.start(on: reactor) { events in for event in events { closed.append(event.name) } }
    _ = try events.watch(folder.path, .closed)
    let file = Unnamed(in: folder.path, [1])
    let body = Body.stream(BodyStream(file: file) { throw Failure(.internal, "it was read") })
    try await write("a.bin", [:], isUnnamed ? body : .bytes([1]))
    #expect(try await eventually { closed.all.contains("a.bin") })
    events.stop()
  }

  @Test("it is copied from another file system, and where it has attributes of its own", arguments: [true, false])
  func copied(isElsewhere: Bool) async throws {
    let file = Unnamed(in: isElsewhere ? "/dev/shm" : folder.path, [7])
    if !isElsewhere { try #require(fsetxattr(file.descriptor, "user.label", "x", 1, 0) == 0) }
    let left = Mutex([[UInt8]]([[1], [2]]))
    let stream = BodyStream(file: file) { left.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
    try await write("a.bin", [:], .stream(stream))
    #expect(folder.read("a.bin") == [1, 2])
    #expect(folder.files == ["a.bin"])
  }

  @Test("what another step has left of a stream is not written as if it were all", arguments: ["create", "append"])
  func partOfStream(mode: String) async throws {
    let stream = BodyStream { Array("piece".utf8) }
    try stream.claim()
    _ = try await stream.next()
    let failure = await failure("a.bin", ["mode": .init(stringLiteral: mode)], .stream(stream))
    #expect(failure?.description == "invalid: the body is a stream that was read already")
    #expect(folder.files == [])
  }

  @Test("a stream that breaks leaves no file")
  func brokenStream() async throws {
    let failure = await failure("a.bin", [:], .stream(BodyStream { throw Failure(.unavailable, "broke") }))
    #expect(failure?.reason == "broke")
    #expect(folder.files == [])
  }

  @Test("a file that is there is not touched: the message is rejected")
  func exists() async throws {
    folder.write("a.txt", "old")
    let failure = await failure("a.txt", [:], .bytes([1]))
    #expect(failure?.description == "rejected: cannot write the file: rename: file exists")
    #expect(folder.text("a.txt") == "old")
    #expect(folder.files == ["a.txt"])
  }

  @Test("a file can be replaced in one step")
  func replace() async throws {
    folder.write("a.txt", "old")
    try await write("a.txt", ["mode": "replace"], .bytes([1]))
    #expect(folder.read("a.txt") == [1])
    #expect(folder.files == ["a.txt"])
  }

  @Test("messages can be written one behind the other, below a heading")
  func append() async throws {
    for text in ["a;1", "b;2\n", "c;3"] {
      try await write(
        "a.csv", ["mode": "append", "newline": "true", "heading": "id;value"], .bytes(Array(text.utf8)))
    }
    #expect(folder.text("a.csv") == "id;value\na;1\nb;2\nc;3\n")
  }

  @Test("many messages at once are each written whole, below one heading")
  func concurrentAppend() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<40 {
        group.addTask {
          let line = Array(String(repeating: "\(number % 10)", count: 1000).utf8)
          try await write("a", ["mode": "append", "newline": "true", "heading": "h"], .bytes(line))
        }
      }
      try await group.waitForAll()
    }
    let lines = try #require(folder.text("a")).split(separator: "\n")
    #expect(lines.first == "h")
    #expect(lines.count == 41)
    #expect(lines.dropFirst().allSatisfy { Set($0).count == 1 && $0.count == 1000 })
  }

  @Test(
    "no name leaves the folder or hides in it",
    arguments: [
      "", ".", "..", "../a", "/etc/passwd", "a/b", ".hidden", "a\0b", "a\nb", String(repeating: "x", count: 256), "/",
      "..\u{2F}a",
    ])
  func names(name: String) async {
    for mode: Configuration in ["create", "append", "replace"] {
      let failure = await failure(name, ["mode": mode], .bytes([1]))
      #expect(failure?.kind == .invalid)
      #expect(name.count < 3 || failure?.reason.contains(name) == false)
    }
    #expect(folder.files == [])
  }

  @Test("a link is not followed out of the folder")
  func links() async throws {
    folder.write("outside", "old")
    folder.write("in/x", "")
    symlink("\(folder.path)/outside", "\(folder.path)/in/link")
    let options: Configuration = ["mode": "append", "directory": "\(folder.path)/in"]
    #expect(await failure("link", options, .bytes([1]))?.kind == .invalid)
    try await write("link", ["mode": "replace", "directory": "\(folder.path)/in"], .bytes([1]))
    #expect(folder.text("outside") == "old")
    #expect(folder.read("in/link") == [1])
  }

  @Test("a folder or a pipe of the name is not written to")
  func notFiles() async {
    folder.write("folder/x", "")
    mkfifo("\(folder.path)/pipe", 0o600)
    for name in ["folder", "pipe"] {
      #expect(await failure(name, ["mode": "append"], .bytes([1]))?.kind == .invalid)
    }
    #expect(await failure("folder", ["mode": "replace"], .bytes([1]))?.kind == .invalid)
  }

  @Test("a full disk is unavailable, and leaves the file as it was", .enabled(if: access("/dev/full", W_OK) == 0))
  func fullDisk() throws {
    let file = try OpenFile(open("/dev/full", O_WRONLY))
    let error = try #require(file.write([1]).error)
    #expect(Failure(file: error, "cannot write the file").kind == .unavailable)
  }

  @Test("wrong options are reported")
  func options() {
    for wrong: Configuration in [
      ["directory": "x"], ["directory": "x", "name": "a/b"], ["directory": "x", "name": "a", "newline": "true"],
      ["directory": "x", "name": "a", "heading": "h", "mode": "replace"], ["directory": "", "name": "a"],
    ] {
      #expect(throws: Diagnostics.self) { try ComponentLoader([.file]).make(.destination, "file", wrong) }
    }
  }

  private func write(_ name: String, _ options: Configuration, _ body: Body) async throws {
    var node = options.node
    var entries = node.entries ?? []
    if node["directory"] == nil {
      entries.append((Configuration("directory").node, Configuration("\(folder.path)").node))
    }
    if node["name"] == nil { entries.append((Configuration("name").node, Configuration("${ headers.name }").node)) }
    node.value = .mapping(entries)
    let scope = LoadScope(subject: "file", context: .testing(), builder: ComponentLoader([]))
    let decoded = try #require(FileDestinationOptions.decode(node, in: scope), "\(scope.problems)")
    var message = Message(headers: ["name": name], body: body)
    let next = try await FileDestination(decoded, .testing()).process(&message, .testing())
    #expect(next == .next)
  }

  private func failure(_ name: String, _ options: Configuration, _ body: Body) async -> Failure? {
    do {
      try await write(name, options, body)
      return nil
    } catch {
      return Failure(error)
    }
  }
}
