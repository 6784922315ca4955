/// A date as files write it: `yyyy-MM-dd`, `M/d/yyyy`, `yyyyMMddHHmmss`.
struct DateFormat: Sendable {
  /// One piece of a format.
  enum Element: Sendable, Equatable {
    /// A part of a date, with the digits that it must and may have.
    case number(Unit, digits: ClosedRange<Int>)
    /// A character that stands there as it is.
    case literal(UInt8)

    /// Whether it is this part of a date.
    func isNumber(of unit: Unit) -> Bool { if case .number(unit, _) = self { true } else { false } }
  }

  /// A part of a date.
  enum Unit: Int, Sendable {
    case year, month, day, hour, minute, second
  }

  /// The format as it was written.
  let text: String
  let elements: [Element]
  /// Whether there is a time of day.
  let hasTime: Bool

  /// Reads a format; nil where it is none that names year, month and day once.
  init?(_ text: String) {
    var elements: [Element] = []
    var rest = Array(text.utf8)[...]
    while let letter = rest.first {
      let length = rest.prefix { $0 == letter }.count
      switch (letter, length) {
      case (UInt8(ascii: "y"), 4), (UInt8(ascii: "y"), 2): elements.append(.number(.year, digits: length...length))
      case (UInt8(ascii: "M"), 1...2): elements.append(.number(.month, digits: length...2))
      case (UInt8(ascii: "d"), 1...2): elements.append(.number(.day, digits: length...2))
      case (UInt8(ascii: "H"), 1...2): elements.append(.number(.hour, digits: length...2))
      case (UInt8(ascii: "m"), 2): elements.append(.number(.minute, digits: 2...2))
      case (UInt8(ascii: "s"), 2): elements.append(.number(.second, digits: 2...2))
      case (UInt8(ascii: "a")...UInt8(ascii: "z"), _), (UInt8(ascii: "A")...UInt8(ascii: "Z"), 2...): return nil
      case (UInt8(ascii: "A")...UInt8(ascii: "Z"), _) where letter != UInt8(ascii: "T"): return nil
      case (UInt8(ascii: "0")...UInt8(ascii: "9"), _), (0x80..., _): return nil
      default: elements += Array(repeating: .literal(letter), count: length)
      }
      rest = rest.dropFirst(length)
    }
    let units = elements.compactMap { if case .number(let unit, _) = $0 { unit } else { nil } }
    let written = Set(units)
    guard written.count == units.count, written.isSuperset(of: [.year, .month, .day]),
      !written.contains(.minute) || written.contains(.hour), !written.contains(.second) || written.contains(.minute)
    else { return nil }
    self.text = text
    self.elements = elements
    hasTime = written.contains(.hour)
  }

  /// The field as RFC 3339 writes a date (`2024-05-01`), or a date and time without a zone (`2024-05-01T12:30:00`),
  /// handed to `body`; answers false where the field is no such date.
  func normalise(_ field: UnsafeBufferPointer<UInt8>, into result: inout [UInt8]) -> Bool {
    var numbers: [6 of Int] = [0, 0, 0, 0, 0, 0]
    var place = 0
    for element in elements {
      switch element {
      case .literal(let byte):
        guard place < field.count, field[place] == byte else { return false }
        place += 1
      case .number(let unit, let digits):
        let start = place
        var value = 0
        while place < field.count, place - start < digits.upperBound, field[place] &- UInt8(ascii: "0") < 10 {
          value = value * 10 + Int(field[place] - UInt8(ascii: "0"))
          place += 1
        }
        guard place - start >= digits.lowerBound else { return false }
        numbers[unit.rawValue] = unit == .year && digits.upperBound == 2 ? Self.fullYear(value) : value
      }
    }
    guard place == field.count, Self.isValid(numbers) else { return false }
    write(numbers, into: &result)
    return true
  }

  /// Whether a field is a date as RFC 3339 writes it, `2024-05-01`: the format that needs no change.
  static func isCalendarDate(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
    guard field.count == 10, field[4] == UInt8(ascii: "-"), field[7] == UInt8(ascii: "-") else { return false }
    var date = 0
    for place in 0..<10 where place != 4 && place != 7 {
      let digit = field[place] &- UInt8(ascii: "0")
      guard digit < 10 else { return false }
      date = date * 10 + Int(digit)
    }
    return isValid([date / 10_000, date / 100 % 100, date % 100, 0, 0, 0])
  }

  /// Writes a date of RFC 3339, or a date and time, in this format; answers false where it is none, or has a time of day
  /// that the format has no place for.
  func localise(_ iso: String, into result: inout [UInt8]) -> Bool {
    guard let source = DateFormat(iso.utf8.count > 10 ? "yyyy-MM-ddTHH:mm:ss" : "yyyy-MM-dd") else { return false }
    var numbers: [6 of Int] = [0, 0, 0, 0, 0, 0]
    var rest = Array(iso.utf8)[...]
    for element in source.elements {
      switch element {
      case .literal(let byte):
        guard rest.popFirst() == byte else { return false }
      case .number(let unit, let digits):
        let number = rest.prefix(digits.upperBound)
        guard number.count == digits.upperBound, number.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else {
          return false
        }
        numbers[unit.rawValue] = number.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        rest = rest.dropFirst(digits.upperBound)
      }
    }
    guard rest.isEmpty, Self.isValid(numbers) else { return false }
    for unit in [Unit.hour, .minute, .second] where numbers[unit.rawValue] != 0 {
      guard elements.contains(where: { $0.isNumber(of: unit) }) else { return false }
    }
    for element in elements {
      switch element {
      case .literal(let byte): result.append(byte)
      case .number(.year, digits: 2...2):
        guard Self.fullYear(numbers[0] % 100) == numbers[0] else { return false }
        Self.append(numbers[0] % 100, width: 2, to: &result)
      case .number(let unit, let digits): Self.append(numbers[unit.rawValue], width: digits.lowerBound, to: &result)
      }
    }
    return true
  }

  private func write(_ numbers: [6 of Int], into result: inout [UInt8]) {
    let separators = Array("--T::".utf8)
    for unit in 0..<(hasTime ? 6 : 3) {
      if unit > 0 { result.append(separators[unit - 1]) }
      Self.append(numbers[unit], width: unit == 0 ? 4 : 2, to: &result)
    }
  }

  /// The year that two digits are for: 69 to 99 the last century's, others this one's, as in POSIX.
  private static func fullYear(_ year: Int) -> Int { year + (year >= 69 ? 1900 : 2000) }

  private static func append(_ number: Int, width: Int, to result: inout [UInt8]) {
    var divisor = 1
    var digits = 1
    while digits < width || number / divisor >= 10 {
      divisor *= 10
      digits += 1
    }
    while divisor > 0 {
      result.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }

  private static func isValid(_ numbers: [6 of Int]) -> Bool {
    let (year, month, day) = (numbers[0], numbers[1], numbers[2])
    guard year >= 1, (1...12).contains(month), day >= 1 else { return false }
    guard numbers[3] < 24, numbers[4] < 60, numbers[5] < 60 else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    switch month {
    case 2: return day <= (isLeap ? 29 : 28)
    case 4, 6, 9, 11: return day <= 30
    default: return day <= 31
    }
  }
}
