import Foundation
import OmnibusTesting
import Testing

@testable import omnibus

@Suite("conformance")
struct ConformanceCoverageTests {
  @Test("every component of the program is put through its suite")
  func coverage() { Conformance.coverage(of: builtInPlugins, below: Project.file("Plugins").path) }
}
