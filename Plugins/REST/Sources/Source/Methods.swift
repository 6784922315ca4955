internal import Omnibus

/// The methods that a source takes: one, a list, or `any`.
struct Methods: OptionValue, CustomStringConvertible {
  /// The names; nil for any.
  let names: [String]?

  static var shape: OptionShape {
    let known = Method.allCases.map(\.rawValue)
    return .either([.oneOf(known + ["any"]), .list(.oneOf(known))])
  }

  var description: String { names?.joined(separator: ", ") ?? "any" }

  static func decode(_ node: Node, in scope: LoadScope) -> Methods? {
    if node.text == "any" { return Methods(names: nil) }
    let nodes = node.elements ?? [node]
    guard !nodes.isEmpty else {
      scope.reportMistyped(node, expected: shape)
      return nil
    }
    let names = nodes.compactMap { Method.decode($0, in: scope)?.rawValue }
    return names.count == nodes.count ? Methods(names: names) : nil
  }
}

/// A method of HTTP (RFC 9110, 9).
enum Method: String, OptionEnum {
  case get = "GET"
  case head = "HEAD"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
  case options = "OPTIONS"

  /// Whether doing it twice is the same as doing it once (RFC 9110, 9.2.2).
  var isIdempotent: Bool { self != .post && self != .patch }

  /// Whether the message's body is sent with it.
  var sendsBody: Bool {
    switch self {
    case .post, .put, .patch: true
    case .get, .head, .delete, .options: false
    }
  }
}
