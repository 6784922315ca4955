import Glibc
import Logging
import Omnibus
import OmnibusStore
import OmnibusTesting
import Testing

@testable import OmnibusEngine

@Suite("files that components read")
struct NamedFilesTests {
  private let sample = Sample()
  private let folder = TemporaryDirectory()
  private let read = Recorder<String>()
  private let engine: Engine

  /// What was read last.
  private var text: String? { read.all.last }

  init() {
    engine = Engine(
      plugins: [sample.plugin, .reading(read)],
      environment: EngineEnvironment(
        reactors: Context.testing().reactors, clock: ManualClock(),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
  }

  private func files(_ name: String = "table") -> RouteFiles {
    let text = """
      routes:
        - { id: a, from: { feed: { name: a } }, steps: [ { reads: { file: "\(folder.path)/\(name)" } } ] }
        - { id: b, from: { feed: { name: b } }, steps: [] }
      """
    return RouteFiles([.init(path: "routes.yaml", bytes: Array(text.utf8))])
  }

  @Test("belong to the revision: the route that reads one changes with it, and no other")
  func revision() async throws {
    folder.write("table", "one")
    _ = try await engine.apply(files())
    let first = await engine.status()[0].revision
    #expect(try await engine.apply(files()).kept == ["a", "b"])
    folder.write("table", "two")
    let applied = try await engine.apply(files())
    #expect(applied.changed == ["a"])
    #expect(applied.kept == ["b"])
    #expect(applied.changes["a"] == ["file \(folder.path)/table"])
    #expect(await engine.status()[0].revision != first)
    folder.write("table", "one")
    _ = try await engine.apply(files())
    #expect(await engine.status()[0].revision == first)
    #expect(sample.started.all == ["a", "b"])
    await engine.stop(grace: .seconds(1))
  }

  @Test("are read by a rollback as they were then, also those that are gone, until the files on disk apply again")
  func rollback() async throws {
    folder.write("table", "one")
    _ = try await engine.apply(files())
    let first = await engine.status()[0].revision
    folder.write("table", "two")
    _ = try await engine.apply(files())
    let rolledBack = try await engine.rollback()
    #expect(rolledBack.changes["a"] == ["file \(folder.path)/table"])
    #expect(await engine.status()[0].revision == first)
    #expect(text == "one")
    #expect(try await engine.apply(files()).changed == ["a"])
    #expect(text == "two")
    unlink("\(folder.path)/table")
    _ = try await engine.rollback(to: 1)
    #expect(text == "one")
    _ = try await engine.rollback(to: 4)
    #expect(text == "two")
    #expect(try await engine.rollback(to: 3).changed == ["a"], "a rollback is kept with the files that it read")
    #expect(text == "one")
    await engine.stop(grace: .seconds(1))
  }

  @Test("are not kept with a generation where they are too large; then a rollback reads them as they are")
  func large() async throws {
    let space = String(repeating: " ", count: 5 << 20)
    func files(_ text: String) -> RouteFiles {
      folder.write("table", text + space)
      folder.write("other", text + space)
      return RouteFiles([
        .init(
          path: "routes.yaml",
          bytes: Array(
            """
            routes:
              - id: a
                from: { feed: { name: a } }
                steps: [ { reads: { file: "\(folder.path)/other" } }, { reads: { file: "\(folder.path)/table" } } ]
            """.utf8))
      ])
    }
    _ = try await engine.apply(files("one"))
    _ = try await engine.apply(files("two"))
    let kept = try await engine.generation(1)?.files.map(\.path)
    #expect(kept == ["routes.yaml", "named:\(folder.path)/other"])
    _ = try await engine.rollback()
    #expect(read.all.suffix(2).map { $0.prefix(3) } == ["one", "two"])
    await engine.stop(grace: .seconds(1))
  }

  @Test(
    "that ${file:} names are watched, and what they hold now is taken by the next reload, the routes being the same")
  func rotated() async throws {
    let text = """
      connections: { c: { feed: { name: "${file:\(folder.path)/name}" } } }
      routes:
        - { id: a, from: { feed: { connection: c } }, steps: [] }
        - { id: b, from: { feed: { name: b } }, steps: [ { mark: { text: "${file:\(folder.path)/secret}" } } ] }
        - { id: c, from: { feed: { name: c } }, steps: [] }
      """
    let files = RouteFiles([.init(path: "routes.yaml", bytes: Array(text.utf8))])
    folder.write("secret", "first")
    folder.write("name", "x")
    _ = try await engine.apply(files)
    #expect(await engine.namedFiles == ["\(folder.path)/secret", "\(folder.path)/name"])
    folder.write("secret", "second")
    let applied = try await engine.apply(files)
    #expect(applied.kept == ["a", "c"])
    #expect(applied.changes == ["b": ["steps (a value of ${…})"]])
    _ = try await sample.send("b")
    #expect(sample.marks.all == ["second"])
    folder.write("name", "y")
    #expect(try await engine.apply(files).changes == ["a": ["connection c (a value of ${…})"]])
    #expect(sample.started.all == ["x", "b", "c", "y"])
    let kept = try await engine.generation(3)?.files.flatMap(\.bytes) ?? []
    #expect(!String(decoding: kept, as: UTF8.self).contains("second"))
    await engine.stop(grace: .seconds(1))
  }

  @Test("are named to what watches files, also those that are missing and keep the routes from being applied")
  func named() async throws {
    folder.write("table", "one")
    _ = try await engine.apply(files())
    #expect(await engine.namedFiles == ["\(folder.path)/table"])
    await #expect(throws: Diagnostics.self) { try await engine.apply(files("other")) }
    #expect(await engine.namedFiles.contains("\(folder.path)/other"))
    #expect(await engine.running.count == 2)
    await engine.stop(grace: .seconds(1))
  }
}

extension Plugin {
  /// A step that reads a file when it is made, and notes what it holds.
  fileprivate static func reading(_ read: Recorder<String>) -> Plugin {
    Plugin(
      name: "reading", version: "1",
      components: [
        .transformer("reads", "reads a file", ReadingOptions.self) { options, context in
          do throws(Context.FileProblem) {
            read.append(String(decoding: try context.bytes(ofFile: options.file, limit: 8 << 20), as: UTF8.self))
          } catch {
            throw OptionProblem("file", error.reason)
          }
          return Nothing()
        }
      ])
  }
}

private struct ReadingOptions: Options {
  @Option(help: "the file") var file: String
}

private struct Nothing: Transformer {
  func transform(_ message: inout Message, _ context: Context) {}
}
