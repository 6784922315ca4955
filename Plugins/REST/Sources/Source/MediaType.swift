internal import Omnibus

/// A media type without parameters, or a range of them: `application/json`, `text/*` (RFC 9110, 8.3 and 12.5.1).
struct MediaType: OptionValue, CustomStringConvertible {
  /// In lower case.
  let text: String

  static var shape: OptionShape { .scalar("media type", example: "application/json") }

  var description: String { text }

  /// Whether it names a single type.
  var isExact: Bool { !text.hasSuffix("/*") }

  init(text: String) { self.text = text }

  static func decode(_ node: Node, in scope: LoadScope) -> MediaType? {
    guard let text = String.decode(node, in: scope) else { return nil }
    let halves = text.split(separator: "/", omittingEmptySubsequences: false)
    guard halves.count == 2, !halves[0].isEmpty, !halves[1].isEmpty, !text.contains(" "), !text.contains(";") else {
      scope.reportMistyped(node, expected: shape)
      return nil
    }
    return MediaType(text: text.lowercased())
  }

  /// The type of a `content-type` field or an element of an `accept` field: in lower case, without parameters.
  static func ofField(_ value: some StringProtocol) -> String {
    let type = value.prefix { $0 != ";" }
    return String(type.filter { $0 != " " && $0 != "\t" }).lowercased()
  }

  /// Whether `type` is this one, or in its range.
  func includes(_ type: String) -> Bool {
    isExact ? type == text : type.hasPrefix(text.dropLast())
  }

  /// Whether one who sends `accept` takes this type. Of the ranges that fit, the most exact one decides (RFC 9110,
  /// 12.5.1).
  func isAccepted(by accept: String) -> Bool {
    var best = (precision: -1, isAccepted: false)
    for element in accept.split(separator: ",") {
      let range = Self.ofField(element)
      guard let precision = precision(of: range), precision > best.precision else { continue }
      best = (precision, !Self.isRefused(element))
    }
    return best.isAccepted
  }

  private func precision(of range: String) -> Int? {
    if range == "*/*" { return 0 }
    if range.hasSuffix("/*") { return text.hasPrefix(range.dropLast()) ? 1 : nil }
    return includes(range) ? 2 : nil
  }

  /// Whether the element has the weight 0.
  private static func isRefused(_ element: Substring) -> Bool {
    element.split(separator: ";").dropFirst().contains { parameter in
      let text = String(parameter.filter { $0 != " " && $0 != "\t" }).lowercased()
      return text.hasPrefix("q=") && Double(text.dropFirst(2)) == 0
    }
  }
}
