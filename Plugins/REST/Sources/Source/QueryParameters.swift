internal import Omnibus
internal import OmnibusHTTP

/// The parameters of a query, as forms and links write them (url.spec.whatwg.org, 5.1): `a=1&b=x+y`.
enum QueryParameters {
  /// More parameters than this are refused.
  static let limit = 200

  /// The parameters by name, in order; one that comes several times is a list of its values. Nil where an escape is not
  /// well-formed, the text is not UTF-8, or there are too many.
  static func parse(_ query: String) -> ValueMap? {
    var parameters = ValueMap()
    guard !query.isEmpty else { return parameters }
    let pairs = query.utf8.split(separator: UInt8(ascii: "&"))
    guard pairs.count <= limit else { return nil }
    for pair in pairs {
      let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      guard let name = decode(pair[..<equals]), let value = decode(pair[equals...].dropFirst()) else { return nil }
      switch parameters[name] {
      case nil: parameters[name] = .string(value)
      case .list(let values)?: parameters[name] = .list(values + [.string(value)])
      case let first?: parameters[name] = .list([first, .string(value)])
      }
    }
    return parameters
  }

  private static func decode(_ text: Substring.UTF8View) -> String? {
    PercentEncoding.decode(text, isForm: true).flatMap { String(validating: $0, as: UTF8.self) }
  }
}
