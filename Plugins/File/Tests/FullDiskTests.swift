import Glibc
import Omnibus
import OmnibusReactor
import OmnibusTesting
import Testing

@testable import FilePlugin

/// A disk that is full: a file system of a megabyte in memory, which only root can make.
@Suite(.enabled(if: SmallDisk.isPossible), .timeLimit(.minutes(5)))
struct FullDiskTests {
  let disk: SmallDisk

  init() throws { disk = try SmallDisk() }

  @Test("a file that does not fit is unavailable, and nothing of it stays", arguments: ["create", "replace"])
  func newFile(mode: String) async throws {
    let destination = try destination(mode)
    if mode == "replace" { try await write([1], destination) }
    let before = disk.folder.files
    let failure = await failure([UInt8](repeating: 7, count: 2 << 20), destination)
    #expect(failure?.description == "unavailable: cannot write the file: write: no space left on device")
    #expect(disk.folder.files == before)
    #expect(disk.folder.read("a") == (mode == "replace" ? [1] : nil))
    try await write([2], try self.destination("replace"))
    #expect(disk.folder.read("a") == [2])
  }

  @Test("a stream that does not fit leaves nothing")
  func stream() async throws {
    let destination = try destination("create")
    var message = Message(body: .stream(BodyStream { [UInt8](repeating: 1, count: 100_000) }))
    await #expect(throws: Failure.self) { _ = try await destination.process(&message, .testing()) }
    #expect(disk.folder.files == [])
  }

  @Test("a record that does not fit is cut off again, and those beside it that fit are written")
  func append() async throws {
    let destination = try destination("append")
    try await write(Array("first\n".utf8), destination)
    await withTaskGroup(of: Bool.self) { group in
      for number in 0..<40 {
        group.addTask {
          let isLarge = number % 10 == 5
          let bytes = isLarge ? [UInt8](repeating: 7, count: 2 << 20) : Array("\(number)\n".utf8)
          let failure = await failure(bytes, destination)
          return isLarge == (failure?.kind == .unavailable)
        }
      }
      for await isRight in group { #expect(isRight) }
    }
    let lines = try #require(disk.folder.text("a")).split(separator: "\n")
    #expect(lines.first == "first")
    #expect(Set(lines.dropFirst().compactMap { Int($0) }) == Set((0..<40).filter { $0 % 10 != 5 }))
    #expect(lines.count == 37)
  }

  @Test("a file that cannot even be made is unavailable")
  func noInode() async throws {
    let full = try SmallDisk(options: "size=1m,nr_inodes=1")
    let failure = await failure([1], try destination("create", full))
    #expect(failure?.description == "unavailable: cannot write the file: open: no space left on device")
  }

  private func destination(_ mode: String, _ disk: SmallDisk? = nil) throws -> FileDestination {
    let options: Configuration = [
      "directory": Configuration(stringLiteral: (disk ?? self.disk).folder.path), "name": "a",
      "mode": Configuration(stringLiteral: mode),
    ]
    let scope = LoadScope(subject: "file", context: .testing(), builder: ComponentLoader([]))
    return FileDestination(try #require(FileDestinationOptions.decode(options.node, in: scope)), .testing())
  }

  private func write(_ bytes: [UInt8], _ destination: FileDestination) async throws {
    var message = Message(body: .bytes(bytes))
    _ = try await destination.process(&message, .testing())
  }

  private func failure(_ bytes: [UInt8], _ destination: FileDestination) async -> Failure? {
    do {
      try await write(bytes, destination)
      return nil
    } catch {
      return Failure(error)
    }
  }
}
