import Foundation
import OmnibusEngine
import Testing

@testable import omnibus

/// Each folder of `Tests/Fixtures/Configuration` is named for a diagnostic, and holds an `omnibus.yaml` with it, perhaps
/// with profiles, beside what is said of it. With `OMNIBUS_UPDATE_GOLDEN` set the texts are written anew.
@Suite("what is said of mistakes in omnibus.yaml")
struct GoldenConfigurationTests {
  static let folder = Project.file("Tests/Fixtures/Configuration")

  static var names: [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { !$0.hasPrefix(".") }.sorted()
  }

  @Test("the text for every folder is the golden one, and names the diagnostic", arguments: names)
  func golden(_ name: String) throws {
    let folder = Self.folder.appending(path: name)
    let sources = ConfigurationSources(file: folder.appending(path: "omnibus.yaml").path)
    let checked = EngineConfiguration.check(sources, settings: SettingsReader { _ in nil })
    let renderer = DiagnosticRenderer(files: RouteFiles(checked.files), colour: false)
    let text = checked.problems.map(renderer.render).joined().replacing(folder.path + "/", with: "")

    let golden = folder.appending(path: "golden.txt")
    if ProcessInfo.processInfo.environment["OMNIBUS_UPDATE_GOLDEN"] != nil {
      try Data(text.utf8).write(to: golden)
    }
    #expect(text == String(decoding: try Data(contentsOf: golden), as: UTF8.self))
    #expect(text.contains("error[\(name)]"))
  }
}
