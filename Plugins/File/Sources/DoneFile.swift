/// The name of the file that says that another one is complete.
struct DoneFile: Sendable {
  private let before: String
  private let after: String

  /// What is wrong with a pattern; nil for nothing.
  static func problem(_ pattern: String) -> String? {
    guard pattern.components(around: "{name}").count == 2, pattern != "{name}" else {
      return "must hold {name} once, and more than that"
    }
    return pattern.contains("/") ? "must be a name, not a path" : nil
  }

  /// From a pattern without problems.
  init(_ pattern: String) {
    let parts = pattern.components(around: "{name}")
    before = parts.first ?? ""
    after = parts.count > 1 ? parts[1] : ""
  }

  /// The file that says so for `name`.
  func name(for name: String) -> String { before + name + after }

  /// Whether `name` is such a file.
  func matches(_ name: String) -> Bool {
    name.utf8.count > before.utf8.count + after.utf8.count && name.hasPrefix(before) && name.hasSuffix(after)
  }
}

extension String {
  fileprivate func components(around separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
