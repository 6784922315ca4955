/// One of the five fields: its bounds and names, and how its values become the bits of a word.
struct CronField {
  /// A field as it is written, and where it starts in the expression, in characters.
  struct Written {
    var text: Substring
    var offset: Int
  }

  let name: String
  let bounds: ClosedRange<Int>
  let names: [String]
  /// What the first name stands for.
  let firstNamed: Int

  static let minute = CronField(name: "minute", bounds: 0...59, names: [], firstNamed: 0)
  static let hour = CronField(name: "hour", bounds: 0...23, names: [], firstNamed: 0)
  static let day = CronField(name: "day", bounds: 1...31, names: [], firstNamed: 0)
  static let month = CronField(
    name: "month", bounds: 1...12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], firstNamed: 1)
  static let weekday = CronField(
    name: "weekday", bounds: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"], firstNamed: 0)

  /// The fields of an expression, which spaces and tabs stand between.
  static func split(_ text: String) -> [Written] {
    text.split { $0 == " " || $0 == "\t" }.map { part in
      Written(text: part, offset: text.distance(from: text.startIndex, to: part.startIndex))
    }
  }

  /// The bits for a list of values, ranges and steps: `*/15`, `8-17`, `MON-FRI`, `1,15`, `0-30/10`.
  func parse(_ written: Written) throws(CronExpression.SyntaxError) -> UInt64 {
    var bits: UInt64 = 0
    for item in written.text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let values = values(item) else {
        let allowed = names.isEmpty ? "" : ", or \(names[0].uppercased()) to \(names[names.count - 1].uppercased())"
        throw CronExpression.SyntaxError(
          message: "has \"\(item)\" for the \(name), expected \(bounds.lowerBound) to \(bounds.upperBound)\(allowed)",
          offset: written.offset + written.text.distance(from: written.text.startIndex, to: item.startIndex),
          length: max(item.count, 1))
      }
      for value in values { bits |= 1 << UInt64(value) }
    }
    return bits
  }

  private func values(_ item: Substring) -> [Int]? {
    let halves = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let range = halves.first, var (first, last) = bounds(of: range) else { return nil }
    guard halves.count == 2 else { return Array(first...last) }
    guard let step = number(halves[1]), step >= 1, range == "*" || range.contains("-") else { return nil }
    // Every day of the week once: 7 is Sunday again.
    if range == "*" { (first, last) = (bounds.lowerBound, names.first == "sun" ? 6 : bounds.upperBound) }
    return Array(stride(from: first, through: last, by: step))
  }

  private func bounds(of range: Substring) -> (Int, Int)? {
    if range == "*" { return (bounds.lowerBound, bounds.upperBound) }
    let ends = range.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = value(ends[0]), let last = ends.count == 2 ? value(ends[1]) : first, first <= last else {
      return nil
    }
    return (first, last)
  }

  private func value(_ text: Substring) -> Int? {
    if let place = names.firstIndex(of: text.lowercased()) { return firstNamed + place }
    return number(text).flatMap { bounds.contains($0) ? $0 : nil }
  }

  /// Decimal digits only: `Int` would take a sign.
  private func number(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.count <= 4, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    return Int(text)
  }
}
