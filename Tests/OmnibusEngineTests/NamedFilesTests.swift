import Logging
import Omnibus
import OmnibusTesting
import Testing

@testable import OmnibusEngine

@Suite("files that components read")
struct NamedFilesTests {
  private let sample = Sample()
  private let folder = TemporaryDirectory()
  private let engine: Engine

  init() {
    engine = Engine(
      plugins: [sample.plugin, .reading],
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
  /// A step that reads a file when it is made.
  fileprivate static let reading = Plugin(
    name: "reading", version: "1",
    components: [
      .transformer("reads", "reads a file", ReadingOptions.self) { options, context in
        do throws(Context.FileProblem) {
          _ = try context.bytes(ofFile: options.file, limit: 100)
        } catch {
          throw OptionProblem("file", error.reason)
        }
        return Nothing()
      }
    ])
}

private struct ReadingOptions: Options {
  @Option(help: "the file") var file: String
}

private struct Nothing: Transformer {
  func transform(_ message: inout Message, _ context: Context) {}
}
