import Foundation
import OmnibusTesting
import Testing

@Suite("documentation") struct DocumentedRoutesTests {
  private static let certificates = DocumentedCertificates()

  @Test("every YAML block is free of problems", arguments: try YAMLBlock.all())
  func block(_ block: YAMLBlock) async throws {
    let folder = TemporaryDirectory()
    folder.write(block.isConfiguration ? "omnibus.yaml" : "Routes/routes.yaml", block.file)
    if block.isConfiguration { folder.write("Routes/routes.yaml", "routes: []") }
    if block.text.contains("certs/") {
      try Self.certificates.copy(to: folder, besideConfiguration: block.isConfiguration)
    }
    if block.text.contains("keys/") {
      for name in ["ours.asc", "partner.asc", "passphrase"] {
        let file = Project.file("Tests/Fixtures/OpenPGP/\(name)")
        folder.write("Routes/keys/\(name)", [UInt8](try Data(contentsOf: file)))
      }
    }
    for schema in block.schemas { folder.write("Routes/\(schema)", "true") }
    let program = try RunningProgram(
      Project.program, ["check", "\(folder.path)/Routes"], environment: Dictionary(uniqueKeysWithValues: block.settings)
    )
    let code = try await program.end()
    #expect(code == 0, "\(block): \(program.output)")
  }
}

/// A block of YAML in the documentation.
struct YAMLBlock: CustomTestStringConvertible {
  let place: String
  let text: String

  var testDescription: String { place }

  /// Whether it is of the engine's configuration, as its first line says.
  var isConfiguration: Bool { text.hasPrefix("# omnibus.") }

  /// All blocks that are marked as YAML, of the readmes and of docs/.
  static func all() throws -> [YAMLBlock] {
    let files = FileManager.default
    var paths = ["README.md"]
    paths += try files.contentsOfDirectory(atPath: Project.file("docs").path).map { "docs/\($0)" }
    paths += try files.contentsOfDirectory(atPath: Project.file("Plugins").path).map { "Plugins/\($0)/README.md" }
    let pages = paths.filter { $0.hasSuffix(".md") && files.fileExists(atPath: Project.file($0).path) }
    return try pages.sorted().flatMap { try blocks(of: $0) }
  }

  private static func blocks(of path: String) throws -> [YAMLBlock] {
    let lines = try String(contentsOf: Project.file(path), encoding: .utf8).components(separatedBy: "\n")
    var blocks: [YAMLBlock] = []
    var start: Int?
    for (index, line) in lines.enumerated() {
      if line == "```yaml" {
        start = index + 1
      } else if line == "```", let first = start {
        blocks.append(YAMLBlock(place: "\(path):\(first + 1)", text: lines[first..<index].joined(separator: "\n")))
        start = nil
      }
    }
    return blocks
  }

  /// The block as a file of routes: one that is a list of steps, or a route without its id, with what is around it.
  var file: String {
    let first = text.split(separator: "\n").first { !$0.hasPrefix("#") && !$0.isEmpty } ?? ""
    let indented = text.split(separator: "\n", omittingEmptySubsequences: false).map { "      \($0)\n" }.joined()
    if first.hasPrefix("- id:") { return "routes:\n" + indented }
    if first.hasPrefix("- ") {
      return "routes:\n  - id: example\n    from: { timer: { every: 1h } }\n    steps:\n" + indented
    }
    if first.hasPrefix("steps:") {
      return "routes:\n    - id: example\n      from: { timer: { every: 1h } }\n" + indented
    }
    if first.hasPrefix("from:") { return "routes:\n    - id: example\n" + indented }
    return text
  }

  /// The files of JSON Schemas that it names.
  var schemas: Set<String> { Set(text.matches(of: /schemas\/[a-z\/]+\.json/).map { String($0.output) }) }

  /// Something for each `${env:NAME}` in it.
  var settings: [(String, String)] {
    let names = text.matches(of: /\$\{env:([A-Z_]+)/).map { String($0.output.1) }
    return Set(names).map { name in
      if name.hasSuffix("HASH") { return (name, "sha256:" + String(repeating: "0", count: 64)) }
      return (name, name.hasSuffix("URL") ? "http://127.0.0.1:9" : name.hasPrefix("MAX") ? "10" : "example")
    }
  }
}
