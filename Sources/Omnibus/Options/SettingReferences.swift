/// `${env:NAME}` and `${file:PATH}` in a text.
public enum SettingReferences {
  /// Replaces each reference by what `resolve` answers for `env:NAME` or `file:PATH`; leaves `$${` and every other
  /// `${` as they are.
  public static func replace(
    in text: String, with resolve: (String) throws(LoadScope.ReferenceProblem) -> String
  ) throws(LoadScope.ReferenceProblem) -> String {
    var result = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[dollar...]
      if rest.hasPrefix("$${") {
        result += "$${"
        rest = rest.dropFirst(3)
      } else if rest.hasPrefix("${env:") || rest.hasPrefix("${file:"), let end = rest.firstIndex(of: "}") {
        result += try resolve(String(rest.dropFirst(2)[..<end]))
        rest = rest[rest.index(after: end)...]
      } else {
        result += "$"
        rest = rest.dropFirst()
      }
    }
    return result + rest
  }

  /// Whether the text holds a `${ expression }`.
  public static func holdsExpression(_ text: String) -> Bool {
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      rest = rest[dollar...]
      if rest.hasPrefix("$${") {
        rest = rest.dropFirst(3)
      } else if rest.hasPrefix("${"), !rest.hasPrefix("${env:"), !rest.hasPrefix("${file:") {
        return true
      } else {
        rest = rest.dropFirst()
      }
    }
    return false
  }

  /// Whether the text is one reference to the environment or a file, and nothing else.
  static func isReference(_ text: String) -> Bool {
    (text.hasPrefix("${env:") || text.hasPrefix("${file:")) && text.firstIndex(of: "}") == text.indices.last
  }
}
