import Glibc
import Omnibus
import OmnibusEngine
import OmnibusTesting
import Testing

@Suite("route files")
struct RouteFilesTests {
  let folder = TemporaryDirectory()

  private func write(_ name: String) { folder.write(name, "routes: []\n") }

  @Test("a folder is read with those in it, but for tests of routes and what is hidden")
  func folders() throws {
    for name in ["b.yaml", "a/c.yaml", "a/c.test.yaml", ".hidden.yaml", ".git/d.yaml", "notes.txt"] { write(name) }
    let files = RouteFiles(reading: folder.path)
    #expect(files.problems.isEmpty)
    #expect(files.files.map { $0.path.dropFirst(folder.path.count + 1) } == ["a/c.yaml", "b.yaml"])
  }

  @Test("what cannot be read is told with its path")
  func unreadable() {
    let files = RouteFiles(reading: "/nonexistent/routes")
    #expect(files.problems.map(\.code) == ["unreadable-file"])
    #expect(files.problems.first?.location.file == "/nonexistent/routes")
    #expect(files.problems.first?.message == "cannot be read: no such file or directory")
  }

  @Test("what is no file is refused, also where reading it would never end")
  func pipes() throws {
    write("b.yaml")
    #expect(mkfifo("\(folder.path)/a.yaml", 0o600) == 0)
    let files = RouteFiles(reading: folder.path)
    #expect(files.files.count == 1)
    #expect(files.problems.map(\.message) == ["cannot be read: invalid argument"])
  }

  @Test("the engine's configuration among the routes is refused, and so are the files of its profiles")
  func configuration() throws {
    for name in ["omnibus.yaml", "a/omnibus.production.yaml"] { write(name) }
    let files = RouteFiles(reading: folder.path)
    #expect(files.problems.map(\.code) == ["misplaced-file", "misplaced-file"])
    #expect(files.files.isEmpty)
  }

  @Test("a file that ends in .yml is a problem, and not passed over")
  func misnamed() throws {
    for name in ["a/b.yml", ".hidden.yml", "c.yaml"] { write(name) }
    let files = RouteFiles(reading: folder.path)
    #expect(files.problems.map(\.code) == ["misnamed-file"])
    #expect(files.problems.first?.location.file == "\(folder.path)/a/b.yml")
    #expect(files.files.count == 1)
  }

  @Test("one file can be named instead of a folder")
  func oneFile() throws {
    write("b.yaml")
    #expect(RouteFiles(reading: folder.path + "/b.yaml").files.count == 1)
  }
}
