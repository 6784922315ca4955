internal import Omnibus

/// Times as cron writes them (POSIX.1-2024, crontab): minute, hour, day of month, month, day of week, in UTC, so that
/// no time comes twice or not at all when summer time begins or ends.
struct CronExpression: Sendable, Equatable {
  private var minutes: UInt64
  private var hours: UInt64
  private var days: UInt64
  private var months: UInt64
  private var weekdays: UInt64
  /// Where both days are restricted, either of them is enough.
  private var needsBothDays: Bool

  /// Why a text is not a cron expression, and which part of it.
  struct SyntaxError: Error, Equatable {
    var message: String
    var offset: Int
    var length: Int
  }

  init(_ text: String) throws(SyntaxError) {
    let fields = CronField.split(text)
    guard fields.count == 5 else {
      throw SyntaxError(
        message: "has \(fields.count) fields, expected 5: minute hour day month weekday", offset: 0,
        length: max(text.count, 1))
    }
    minutes = try CronField.minute.parse(fields[0])
    hours = try CronField.hour.parse(fields[1])
    days = try CronField.day.parse(fields[2])
    months = try CronField.month.parse(fields[3])
    weekdays = try CronField.weekday.parse(fields[4])
    if weekdays & 1 << 7 != 0 { weekdays |= 1 }
    needsBothDays = fields[2].text.hasPrefix("*") || fields[4].text.hasPrefix("*")
    guard firstDay(from: 0) != nil else {
      throw SyntaxError(message: "names a day that never comes", offset: 0, length: max(text.count, 1))
    }
  }

  /// The first time later than `time`, both in seconds since 1970.
  func next(after time: Int64) -> Int64 {
    let minute = time.floorDivided(by: 60) + 1
    let day = minute.floorDivided(by: 1440)
    if matches(CivilDate(daysSince1970: Int(day))), let found = minuteOfDay(from: Int(minute - day * 1440)) {
      return (day * 1440 + Int64(found)) * 60
    }
    // `init` made sure that there is such a day, and a day that matches has a first minute.
    guard let later = firstDay(from: day + 1), let first = minuteOfDay(from: 0) else { return .max }
    return (later * 1440 + Int64(first)) * 60
  }

  /// Of eight years one has a 29th of February, and of forty one has it on a given weekday.
  private func firstDay(from day: Int64) -> Int64? {
    (day...day + 366 * 41).first { matches(CivilDate(daysSince1970: Int($0))) }
  }

  private func matches(_ date: CivilDate) -> Bool {
    guard months.contains(date.month) else { return false }
    let isDay = days.contains(date.day)
    let isWeekday = weekdays.contains(date.weekday)
    return needsBothDays ? isDay && isWeekday : isDay || isWeekday
  }

  private func minuteOfDay(from start: Int) -> Int? {
    (start..<1440).first { hours.contains($0 / 60) && minutes.contains($0 % 60) }
  }
}

extension CronExpression: OptionValue {
  /// `"*/5 * * * *"`.
  static var shape: OptionShape { .scalar("cron expression", example: "\"*/5 * * * *\"") }

  /// Reads five fields, and reports the one that is wrong.
  static func decode(_ node: Node, in scope: LoadScope) -> CronExpression? {
    guard let text = String.decode(node, in: scope) else { return nil }
    do throws(SyntaxError) {
      return try CronExpression(text)
    } catch {
      let place = node.textOffset.map { node.location.advanced(by: $0 + error.offset, length: error.length) }
      scope.report(
        "bad-cron", at: place ?? node.location, "\(scope.subject) \(error.message)",
        help: "write minute, hour, day, month and weekday, such as \"*/5 8-17 * * MON-FRI\"")
      return nil
    }
  }
}

extension UInt64 {
  fileprivate func contains(_ bit: Int) -> Bool { self & 1 << UInt64(bit) != 0 }
}
