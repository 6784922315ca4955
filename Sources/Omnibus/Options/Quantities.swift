/// A number of bytes: `512B`, `64KiB`, `10MiB`, `2GiB`.
public struct ByteSize: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The number of bytes.
  public var bytes: Int

  /// That many bytes.
  public init(bytes: Int) { self.bytes = bytes }

  /// Smaller sizes are less.
  public static func < (a: ByteSize, b: ByteSize) -> Bool { a.bytes < b.bytes }

  /// As it would be written.
  public var description: String {
    for (unit, factor) in Self.units.reversed() where bytes >= factor && bytes % factor == 0 {
      return "\(bytes / factor)\(unit)"
    }
    return "\(bytes)B"
  }

  static let units = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)]
}

extension ByteSize: OptionValue {
  /// `64KiB`.
  public static var shape: OptionShape {
    .scalar("size", example: "64KiB", form: .quantity(units.map(\.0)))
  }

  /// Reads a whole number with a unit.
  public static func decode(_ node: Node, in scope: LoadScope) -> ByteSize? {
    guard let (number, unit) = scope.quantity(node, shape), let factor = units.first(where: { $0.0 == unit })?.1,
      let value = Int(number), case let (bytes, tooLarge) = value.multipliedReportingOverflow(by: factor), !tooLarge
    else {
      scope.reportQuantity(node, "bad-size", shape, units: units.map(\.0))
      return nil
    }
    return ByteSize(bytes: bytes)
  }
}

/// How often something may happen: `100/s`, `5/m`, `1000/h`.
public struct Rate: Sendable, Hashable, CustomStringConvertible {
  /// How many in one `per`.
  public var count: Int
  /// The time that `count` is counted in: a second, a minute or an hour.
  public var per: Duration

  /// `count` in each `per`.
  public init(count: Int, per: Duration) {
    self.count = count
    self.per = per
  }

  /// As it would be written.
  public var description: String { "\(count)/\(Self.units.first { $0.1 == per }?.0 ?? "s")" }

  static let units: [(String, Duration)] = [("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600))]
}

extension Rate: OptionValue {
  /// `100/s`.
  public static var shape: OptionShape {
    .scalar("rate", example: "100/s", form: .quantity(units.map { "/\($0.0)" }, isZeroTaken: false))
  }

  /// Reads a whole number, a slash and a unit.
  public static func decode(_ node: Node, in scope: LoadScope) -> Rate? {
    guard let (number, unit) = scope.quantity(node, shape), unit.hasPrefix("/"), let count = Int(number), count > 0,
      let per = units.first(where: { $0.0 == unit.dropFirst() })?.1
    else {
      scope.reportQuantity(node, "bad-rate", shape, units: units.map { "/\($0.0)" })
      return nil
    }
    return Rate(count: count, per: per)
  }
}

/// A part of a hundred: `50%`.
public struct Percentage: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// How many of a hundred.
  public var percent: Int

  /// That many of a hundred.
  public init(percent: Int) { self.percent = percent }

  /// Smaller parts are less.
  public static func < (a: Percentage, b: Percentage) -> Bool { a.percent < b.percent }

  /// As it would be written.
  public var description: String { "\(percent)%" }

  /// Whether `part` of `whole` is at least this much.
  public func isReached(by part: Int, of whole: Int) -> Bool {
    whole > 0 && Double(part) * 100 >= Double(whole) * Double(percent)
  }
}

extension Percentage: OptionValue {
  /// `50%`.
  public static var shape: OptionShape { .scalar("percentage", example: "50%", form: .quantity(["%"])) }

  /// Reads a whole number with a percent sign.
  public static func decode(_ node: Node, in scope: LoadScope) -> Percentage? {
    guard let (number, unit) = scope.quantity(node, shape), unit == "%", let percent = Int(number) else {
      scope.reportQuantity(node, "bad-percentage", shape, units: ["%"])
      return nil
    }
    return Percentage(percent: percent)
  }
}

extension Duration: OptionValue {
  /// `10s`.
  public static var shape: OptionShape {
    .scalar("duration", example: "10s", form: .quantity(unitsOfTime.map(\.0)))
  }

  static let unitsOfTime: [(String, Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]

  /// Reads a whole number with the unit `ms`, `s`, `m`, `h` or `d`.
  public static func decode(_ node: Node, in scope: LoadScope) -> Duration? {
    guard let (number, unit) = scope.quantity(node, shape), let value = Int64(number),
      let factor = unitsOfTime.first(where: { $0.0 == unit })?.1,
      case let (milliseconds, tooLong) = value.multipliedReportingOverflow(by: factor), !tooLong
    else {
      scope.reportQuantity(node, "bad-duration", shape, units: unitsOfTime.map(\.0))
      return nil
    }
    return .milliseconds(milliseconds)
  }

  /// As it would be written in a route: `250ms`, `10s`, `5m`, `2h`, `7d`.
  public var text: String {
    let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    for (unit, factor) in Self.unitsOfTime.reversed() where milliseconds % factor == 0 && milliseconds >= factor {
      return "\(milliseconds / factor)\(unit)"
    }
    return "\(milliseconds)ms"
  }
}

extension ScalarForm {
  /// A whole number directly followed by one of `units`.
  fileprivate static func quantity(_ units: [String], isZeroTaken: Bool = true) -> ScalarForm {
    .pattern("^\(isZeroTaken ? "[0-9]+" : "0*[1-9][0-9]*")(\(units.joined(separator: "|")))$")
  }
}

extension LoadScope {
  /// The digits of a scalar and what follows them.
  fileprivate func quantity(_ node: Node, _ shape: OptionShape) -> (number: Substring, unit: Substring)? {
    guard let text = text(node) else { return nil }
    let number = text.prefix { $0.isASCII && $0.isNumber }
    return number.isEmpty ? nil : (number, text.dropFirst(number.count))
  }

  fileprivate func reportQuantity(_ node: Node, _ code: String, _ shape: OptionShape, units: [String]) {
    // A reference that could not be read was reported, and says nothing of a unit.
    if let last = problems.last, last.code == "unresolved-reference", last.location == node.location { return }
    let all = units.count == 1 ? "the unit is \(units[0])" : "the units are \(units.joined(separator: ", "))"
    let meant = node.text.flatMap { Self.meant($0, units: units) }
    report(
      code, at: node.location, "\(subject) takes \(shape.summary), found \(node.kindName)",
      help: meant.map { "write \($0); \(all)" } ?? "write a whole number directly followed by its unit; \(all)")
  }

  /// What somebody meant who wrote `10 seconds`, `10MB` or `30`: the number with the unit that begins alike; the second
  /// unit where there is none.
  private static func meant(_ text: String, units: [String]) -> String? {
    let number = text.prefix { $0.isASCII && $0.isNumber }
    guard !number.isEmpty, Int(number) != nil else { return nil }
    let unit = text.dropFirst(number.count).drop { $0 == " " || $0 == "." || $0 == "/" }
    guard let first = unit.first?.lowercased() else { return number + units[units.count > 1 ? 1 : 0] }
    let isMilli = unit.lowercased().hasPrefix("ms") || unit.lowercased().hasPrefix("milli")
    let match = units.last { candidate in
      let letters = candidate.drop { $0 == "/" }.lowercased()
      return isMilli ? letters == "ms" : letters.hasPrefix(first) && letters != "ms"
    }
    return match.map { number + $0 }
  }
}
