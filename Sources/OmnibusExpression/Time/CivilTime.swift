import Omnibus

/// A moment as the Gregorian calendar and the clock of some place show it.
struct CivilTime {
  var year: Int
  /// 1 to 12.
  var month: Int
  /// 1 to 31.
  var day: Int
  var hour: Int
  var minute: Int
  var second: Int
  /// 0 is Sunday.
  var weekday: Int
  /// From 0.
  var dayOfYear: Int

  /// The calendar at `seconds` since 1970, of a place `offset` seconds east of UTC.
  init(_ seconds: Int64, offset: Int64 = 0) {
    let local = seconds + offset
    let days = Int(local.floorDivided(by: 86400))
    let time = Int(local - Int64(days) * 86400)
    hour = time / 3600
    minute = time / 60 % 60
    second = time % 60
    let date = CivilDate(daysSince1970: days)
    (year, month, day) = (date.year, date.month, date.day)
    weekday = date.weekday
    dayOfYear = days - CivilDate(year: year, month: 1, day: 1).daysSince1970
  }
}
