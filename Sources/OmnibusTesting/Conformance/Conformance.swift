internal import Testing

/// Suites that any component runs on itself, in a test of its own: one call a component. Each rule that is broken is an
/// issue of the test, with what was seen and why it matters.
///
/// ```swift
/// @Test("the source file is a good source") func source() async {
///   await Conformance.source("file", of: .file) { _ in FolderPeer() }
/// }
/// ```
///
/// `docs/conformance.md` has a whole example for every role, and what each suite demands.
public enum Conformance {
  /// Reports what a suite has found, each rule once with what was found first.
  static func report(_ findings: [Finding], at place: SourceLocation) {
    for findings in Dictionary(grouping: findings, by: \.rule).values {
      let more = findings.count > 1 ? " (and in \(findings.count - 1) more cases)" : ""
      Issue.record(Comment(rawValue: "\(findings[0])\(more)"), sourceLocation: place)
    }
  }
}
