/// Reads dates, times (RFC 3339) and durations (its appendix A) byte by byte.
struct FormatReader {
  private let text: UnsafeBufferPointer<UInt8>
  private var place = 0

  init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

  var isAtEnd: Bool { place == text.count }

  /// `2024-02-29`
  mutating func date() -> Bool {
    guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
      (1...12).contains(month), day >= 1
    else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return day <= days[month - 1]
  }

  /// `12:30:00.5Z`; a leap second only where it is one by Greenwich.
  mutating func time() -> Bool {
    guard let hour = number(2), take(":"), let minute = number(2), take(":"), let second = number(2), hour < 24,
      minute < 60, second <= 60
    else { return false }
    if take(".") {
      guard digit != nil else { return false }
      while digit != nil { place += 1 }
    }
    var offset = 0
    if !take("Z", "z") {
      let isBehind = take("-")
      guard isBehind || take("+"), let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60
      else { return false }
      offset = (hours * 60 + minutes) * (isBehind ? -1 : 1)
    }
    guard second == 60 else { return true }
    return (hour * 60 + minute - offset + 2880) % 1440 == 1439
  }

  /// `P1Y2M3DT4H5M6S` or `P2W`, all of the text.
  mutating func duration() -> Bool {
    guard take("P"), !isAtEnd else { return false }
    guard let isWeeks = parts("W") else { return false }
    if isWeeks > 0 { return isAtEnd }
    guard let days = parts("YMD") else { return false }
    guard take("T") else { return days > 0 && isAtEnd }
    guard let times = parts("HMS") else { return false }
    return times > 0 && isAtEnd
  }

  /// How many parts stand here with units in the order of `units`, none left out between two; nil for anything else. Numbers
  /// with another unit are left.
  private mutating func parts(_ units: StaticString) -> Int? {
    let units = UnsafeBufferPointer(start: units.utf8Start, count: units.utf8CodeUnitCount)
    var count = 0
    var last: Int?
    while digit != nil {
      let start = place
      while digit != nil { place += 1 }
      guard place < text.count, let unit = units.firstIndex(of: text[place]) else {
        place = start
        return count == 0 ? 0 : nil
      }
      if let last, unit != last + 1 { return nil }
      last = unit
      count += 1
      place += 1
    }
    return count
  }

  private var digit: Int? {
    guard place < text.count, text[place] &- 0x30 < 10 else { return nil }
    return Int(text[place] &- 0x30)
  }

  private mutating func number(_ count: Int) -> Int? {
    var value = 0
    for _ in 0..<count {
      guard let digit else { return nil }
      value = value * 10 + digit
      place += 1
    }
    return value
  }

  /// Takes one of the characters, where one stands here.
  mutating func take(_ a: Unicode.Scalar, _ b: Unicode.Scalar? = nil) -> Bool {
    guard place < text.count, UInt32(text[place]) == a.value || UInt32(text[place]) == (b ?? a).value else {
      return false
    }
    place += 1
    return true
  }
}
