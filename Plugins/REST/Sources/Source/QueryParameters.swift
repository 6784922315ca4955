internal import Omnibus

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
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var rest = text.makeIterator()
    while let byte = rest.next() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(0x20)
      case UInt8(ascii: "%"):
        guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else { return nil }
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
