import Foundation
import OmnibusTesting
import Testing

/// The schemas for editors, judged by Python's `jsonschema`.
@Suite("schemas for editors") struct SchemaTests {
  @Test("every file of Routes/ is free of errors")
  func routes() async throws {
    let files = try yamlFiles(below: Project.file("Routes"))
    let errors = try await validate(files, against: ["schema"])
    #expect(!files.isEmpty)
    for file in files { #expect(errors[file] == 0, "\(file)") }
  }

  @Test("a mistake in routes that a schema can express is an error")
  func goldenRoutes() async throws {
    let files = try yamlFiles(below: GoldenDiagnosticsTests.folder)
    try await judge(files, by: ["schema"]) { $0.deletingPathExtension().lastPathComponent }
  }

  @Test("a mistake in omnibus.yaml that a schema can express is an error")
  func goldenConfiguration() async throws {
    let files = try yamlFiles(below: Project.file("Tests/Fixtures/Configuration"))
    try await judge(files.filter { $0.hasSuffix("/omnibus.yaml") }, by: ["schema", "configuration"]) {
      $0.deletingLastPathComponent().lastPathComponent
    }
  }

  @Test("what init writes is free of problems, for the engine and for the schema that its files name")
  func initialised() async throws {
    let folder = TemporaryDirectory()
    #expect(try await run(["init", folder.path]).code == 0)
    #expect(try await run(["check", "\(folder.path)/Routes"]).code == 0)
    for file in try yamlFiles(below: URL(filePath: folder.path)) {
      let text = try String(contentsOfFile: file, encoding: .utf8)
      let name = try #require(text.firstMatch(of: /^# yaml-language-server: \$schema=(\S+)\n/)).output.1
      let schema = URL(filePath: file).deletingLastPathComponent().appending(path: String(name))
      #expect(try await errors(in: [file], schema: schema.path)[file] == 0)
    }
  }

  @Test("init leaves what is there alone, and writes the schemas anew")
  func again() async throws {
    let folder = TemporaryDirectory()
    folder.write("Routes/hello.yaml", "routes: []\n")
    folder.write(".omnibus/routes.schema.json", "{}\n")
    let output = try await run(["init", folder.path]).output
    #expect(output.contains("kept     \(folder.path)/Routes/hello.yaml"))
    #expect(try String(contentsOfFile: "\(folder.path)/Routes/hello.yaml", encoding: .utf8) == "routes: []\n")
    #expect(try String(contentsOfFile: "\(folder.path)/.omnibus/routes.schema.json", encoding: .utf8).count > 1000)
  }

  @Test("init follows no link, leaves no draft, and refuses a folder without a name")
  func linked() async throws {
    let folder = TemporaryDirectory()
    folder.write("elsewhere", "kept")
    folder.write("new/.omnibus/file", "")
    let link = "\(folder.path)/new/.omnibus/routes.schema.json"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "\(folder.path)/elsewhere")
    let output = try await run(["init", "\(folder.path)/new//"]).output
    #expect(output.contains("To serve it: omnibus run \(folder.path)/new/Routes\n"))
    #expect(folder.text("elsewhere") == "kept")
    #expect(try String(contentsOfFile: link, encoding: .utf8).count > 1000)
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/new/.omnibus").sorted()
    #expect(names == ["configuration.schema.json", "file", "routes.schema.json"])
    #expect(try await run(["init", ""]).code != 0)
  }

  @Test("a folder of routes in which nothing is read is a warning")
  func nothing() async throws {
    let folder = TemporaryDirectory()
    folder.write("Routes/notes.txt", "")
    let (code, output) = try await run(["check", "\(folder.path)/Routes"])
    #expect(code == 0 && output.contains("warning[no-routes]: the folder holds no file of routes"))
  }

  /// Mistakes in the YAML itself, which a schema never sees, and the file without a mistake.
  private static let noYAML: Set = [
    "alias-and-merge", "bad-key", "bad-merge", "duplicate-key", "invalid-utf8", "several-documents",
    "tab-indentation", "too-deep", "too-large", "unknown-alias", "yaml-syntax",
  ]
  /// Mistakes that no schema can express: they are in expressions, in what lies elsewhere, or between two places.
  private static let beyondSchemas: Set = [
    "bad-layout", "conflicting-sources", "duplicate-id", "duplicate-route", "duplicate-schema-id", "duplicate-step",
    "expression-syntax", "expression-type", "invalid-schema", "unknown-schema", "unknown-schema-version",
    "unprotected-admin", "unknown-connection", "unknown-function", "unknown-resource", "unknown-variable",
    "unresolved-reference", "wrong-connection", "wrong-resource",
  ]

  /// Whether the schema finds an error in just those of the files whose names say that it should.
  private func judge(_ files: [String], by arguments: [String], name: (URL) -> String) async throws {
    let errors = try await validate(files, against: arguments)
    #expect(!files.isEmpty)
    for file in files {
      let name = name(URL(filePath: file))
      let found = errors[file] ?? nil
      if Self.noYAML.contains(name) {
        #expect(found ?? 0 == 0, "\(name)")
      } else {
        #expect((found == 0) == Self.beyondSchemas.contains(name), "\(name)")
      }
    }
  }

  private func yamlFiles(below folder: URL) throws -> [String] {
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return (files?.compactMap { ($0 as? URL)?.path } ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
  }

  /// How many errors each file has against the schema that the program writes; nil for one that is no YAML.
  private func validate(_ files: [String], against arguments: [String]) async throws -> [String: Int?] {
    let folder = TemporaryDirectory()
    let schema = try await run(arguments)
    #expect(schema.code == 0)
    folder.write("schema.json", schema.output)
    return try await errors(in: files, schema: "\(folder.path)/schema.json")
  }

  private func errors(in files: [String], schema: String) async throws -> [String: Int?] {
    let script = Project.file("Tests/EndToEndTests/Support/validate_yaml.py").path
    let program = try RunningProgram("/usr/bin/env", ["python3", script, schema] + files)
    let code = try await program.end()
    #expect(code == 0, "\(program.output)")
    return try JSONDecoder().decode([String: Int?].self, from: Data(program.output.utf8))
  }

  private func run(_ arguments: [String]) async throws -> (code: Int32?, output: String) {
    let program = try RunningProgram(Project.program, arguments)
    return (try await program.end(), program.output)
  }
}
