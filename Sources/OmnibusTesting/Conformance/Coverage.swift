internal import Foundation
public import Omnibus
public import Testing

extension Conformance {
  /// Expects that each component of `plugins` is put through its suite by a test in a Swift file below `folder`, by
  /// default that of the calling file: a component without one is an issue. It goes by the text, so the name of a component
  /// has to stand in the call as a literal.
  ///
  /// ```swift
  /// @Test("every component has its suite") func coverage() { Conformance.coverage(of: [.ours]) }
  /// ```
  public static func coverage(
    of plugins: [Plugin], below folder: String? = nil, file: String = #filePath,
    at place: SourceLocation = #_sourceLocation
  ) {
    let folder = folder ?? String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)])
    for missing in Coverage(below: folder).missing(of: plugins) {
      Issue.record(
        """
        the \(missing) has no conformance suite below \(folder): call Conformance.\(missing) in a test, as \
        docs/conformance.md says
        """, sourceLocation: place)
    }
  }
}

/// Which components the tests of a folder put through their suites.
struct Coverage {
  private var covered: Set<String> = []

  /// What the Swift files below `folder` call.
  init(below folder: String) {
    for case let path as String in FileManager.default.enumerator(atPath: folder) ?? .init() {
      guard path.hasSuffix(".swift"), let text = try? String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
      else {
        continue
      }
      add(text)
    }
  }

  /// What one file calls.
  mutating func add(_ text: String) {
    let call = #/Conformance\.(source|destination|step|transformer|middleware|splitter)\(\s*"([A-Za-z0-9_]+)"/#
    for match in text.matches(of: call) {
      let role = match.1 == "transformer" ? "step" : match.1
      covered.insert("\(role)(\"\(match.2)\")")
    }
  }

  /// The components without a suite, as `source("file")`.
  func missing(of plugins: [Plugin]) -> [String] {
    plugins.flatMap(\.components).map { "\($0.role.rawValue)(\"\($0.name)\")" }.filter { !covered.contains($0) }
  }
}
