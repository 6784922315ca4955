import Foundation
import Testing

/// The seeds of all targets, of which some are what fuzzing once found, read as fuzzing reads them.
@Suite("seeds of fuzzing", .timeLimit(.minutes(2))) struct CorpusTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Corpus")

  @Test("every seed of a target is read without harm", arguments: FuzzTarget.all.map(\.name))
  func seeds(_ name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let folder = Self.folder.appending(path: name)
    let seeds = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(!seeds.isEmpty)
    for seed in seeds {
      let bytes = [UInt8](try Data(contentsOf: folder.appending(path: seed)))
      #expect(throws: Never.self, "\(name)/\(seed)") { try target.run(bytes) }
    }
  }

  @Test("no target minds what is nothing, or nothing like it", arguments: FuzzTarget.all.map(\.name))
  func garbage(_ name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    for bytes in [[], [0], [0xFF], [UInt8](repeating: 0xC3, count: 100), Array(0...255)] { try target.run(bytes) }
  }
}
