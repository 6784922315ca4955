import Omnibus
import OmnibusTesting
import Testing

/// The suite of "Parsing JSON is a Minefield" (github.com/nst/JSONTestSuite).
@Suite("the published JSON parsing suite")
struct JSONParsingSuiteTests {
  static let material = PublishedMaterial("json-parsing/test_parsing")

  @Test("what must be accepted is, what must be refused is, and nothing crashes", .enabled(if: material.isPresent))
  func suite() throws {
    let files = try Self.material.files()
    #expect(files.count > 300)
    for file in files {
      let bytes = try Self.material.bytes(of: file)
      let parsed = Result { try JSONDocument(parsing: bytes) }
      switch (file.first, parsed) {
      case ("y", .failure(let error)): Issue.record("\(file) is refused: \(error)")
      case ("n", .success): Issue.record("\(file) is accepted")
      default: break
      }
      if case .success(let document) = parsed {
        #expect(try document.serialize() == bytes, "\(file)")
        let copy = try Value.list([document.root]).jsonBytes()
        #expect(throws: Never.self, "\(file)") { try JSONDocument(parsing: copy) }
      }
    }
  }
}
