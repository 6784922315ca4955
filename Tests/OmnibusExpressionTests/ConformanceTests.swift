import OmnibusTesting
import Testing

/// CEL's own conformance suite, as far as it needs no protobuf messages.
@Suite("The conformance suite of CEL")
struct ConformanceTests {
  /// Every case of the files that are there passes, or is skipped for a reason that is counted.
  @Test(
    "all cases that need no protobuf messages pass",
    .enabled(if: PublishedMaterial("cel-conformance").isPresent, "skipped: not present"))
  func cases() throws {
    let material = PublishedMaterial("cel-conformance")
    var passed = 0
    for file in try material.files(in: "tests/simple/testdata") where file.hasSuffix(".textproto") {
      let result = try ConformanceSuite(file: file).run(material)
      print("\(file): \(result.passed) passed, \(result.failed.count) failed, \(result.skipped.count) skipped")
      #expect(result.failed == [], "\(file)")
      passed += result.passed
    }
    #expect(passed >= 600)
  }
}
