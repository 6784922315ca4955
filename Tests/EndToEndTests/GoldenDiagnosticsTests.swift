import Foundation
import Logging
import OmnibusEngine
import OmnibusReactor
import Testing

@testable import omnibus

/// Each file of `Tests/Fixtures/Diagnostics` is a routes file with a mistake, or none, beside what `omnibus check` says of
/// it. With `OMNIBUS_UPDATE_GOLDEN` set the texts are written anew, to be read before they are committed.
@Suite("what is said of mistakes in routes")
struct GoldenDiagnosticsTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/Diagnostics")

  static var names: [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  @Test("the text for every file is the golden one", arguments: names)
  func golden(_ name: String) throws {
    let path = Self.folder.appending(path: "\(name).yaml").path
    let files = RouteFiles(reading: path)
    let engine = Engine(plugins: builtInPlugins, environment: try EngineSetup.environment())
    let renderer = DiagnosticRenderer(files: files, colour: false)
    let text = engine.check(files).map(renderer.render).joined().replacing("\(Self.folder.path)/", with: "")

    let golden = Self.folder.appending(path: "\(name).txt")
    if ProcessInfo.processInfo.environment["OMNIBUS_UPDATE_GOLDEN"] != nil {
      try Data(text.utf8).write(to: golden)
    }
    #expect(text == String(decoding: try Data(contentsOf: golden), as: UTF8.self))
  }

  @Test("a file named for a diagnostic is said to have it", arguments: names.filter { $0 != "alias-and-merge" })
  func code(_ name: String) throws {
    let golden = try Data(contentsOf: Self.folder.appending(path: "\(name).txt"))
    #expect(String(decoding: golden, as: UTF8.self).contains("error[\(name)]"))
  }
}
