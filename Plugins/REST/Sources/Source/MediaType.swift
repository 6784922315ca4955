internal import Omnibus
internal import OmnibusHTTP

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

  /// The type of a `content-type` field: in lower case, without parameters.
  static func ofField(_ value: String) -> String { FieldElement(value)?.value.lowercased() ?? "" }

  /// Whether `type` is this one, or in its range.
  func includes(_ type: String) -> Bool {
    isExact ? type == text : type.hasPrefix(text.dropLast())
  }

  /// How much one who sends `accept` likes this type, 0 for not at all, to 1000. Of the ranges that fit, the most exact
  /// one decides (RFC 9110, 12.5.1).
  func weight(in accept: [FieldElement]) -> Int {
    var best = (precision: -1, weight: 0)
    for element in accept {
      guard let weight = element.weight, let precision = precision(of: element), precision > best.precision else {
        continue
      }
      best = (precision, weight)
    }
    return best.weight
  }

  /// A range with parameters asks for more than a type without, and is the less exact description of it.
  private func precision(of element: FieldElement) -> Int? {
    let range = element.value.lowercased()
    if range == "*/*" { return 0 }
    if range.hasSuffix("/*") { return text.hasPrefix(range.dropLast()) ? 1 : nil }
    return includes(range) ? (element.parameters.isEmpty ? 3 : 2) : nil
  }
}

extension [MediaType] {
  /// The type of these that one who sent `headers` likes best, the earlier one of two that are liked alike; nil where
  /// none is acceptable. Who says nothing takes the first.
  func preferred(by headers: Headers) -> MediaType? {
    guard headers.contains("accept") else { return first }
    let accept = FieldElement.list("accept", in: headers)
    guard !accept.isEmpty else { return first }
    var best: (type: MediaType, weight: Int)?
    for type in self {
      let weight = type.weight(in: accept)
      if weight > best?.weight ?? 0 { best = (type, weight) }
    }
    return best?.type
  }
}
