import JSONSchemaPlugin
import Omnibus
import OmnibusTesting
import Testing

/// The test suite of json-schema.org, its required part, with its schemas of other URIs as files.
@Suite(
  "the JSON Schema test suite", .enabled(if: PublishedMaterial("json-schema-suite").isPresent, "skipped: not present"))
struct SuiteTests {
  static let material = PublishedMaterial("json-schema-suite")
  static let filesOfDraft7 = (try? material.files(in: "tests/draft7")) ?? []
  static let filesOfDraft202012 = (try? material.files(in: "tests/draft2020-12")) ?? []

  @Test("draft 7", arguments: SuiteTests.filesOfDraft7)
  func draft7(file: String) throws { try run("tests/draft7/\(file)", draft: "7") }

  @Test("2020-12", arguments: SuiteTests.filesOfDraft202012)
  func draft202012(file: String) throws { try run("tests/draft2020-12/\(file)", draft: "2020-12") }

  private func run(_ file: String, draft: Configuration) throws {
    let groups = try JSONText.parse(Self.material.bytes(of: file)).root
    try groups.forEachElement { group in
      let title = group.member("description")?.string ?? ""
      guard let schema = group.member("schema") else { return }
      let text = schema.withSource { String(decoding: $0, as: UTF8.self) }
      let schemas: SchemaRun
      do {
        schemas = try SchemaRun(
          ["schema.json": text],
          ["draft": draft, "documents": ["http://localhost:1234/": "\(Self.material.path ?? "")/remotes/"]])
      } catch let problems as Diagnostics {
        Issue.record("\(file), \(title): \(problems.all.map { "\($0.location): \($0.message)" })")
        return
      }
      group.member("tests")?.forEachElement { test in
        guard let data = test.member("data"), let valid = test.member("valid") else { return }
        let body = data.withSource { Array($0) }
        let failure = schemas.failure(of: Message(body: .bytes(body)))
        let isRight = (failure == nil) == (valid.kind == .true)
        #expect(
          isRight, "\(file), \(title), \(test.member("description")?.string ?? ""): \(failure?.problems ?? [])")
      }
    }
  }
}
