/// A day of the proleptic Gregorian calendar, in UTC.
struct CivilDate: Equatable {
  var year: Int64
  /// 1 to 12.
  var month: Int
  /// 1 to 31.
  var day: Int
  /// 0 is Sunday.
  var weekday: Int

  /// The day that begins `days` times 86,400 seconds after 1970-01-01T00:00:00Z.
  ///
  /// Counts in eras of 400 years that start on the first of March, so that the leap day is the last of a year (Hinnant,
  /// "chrono-Compatible Low-Level Date Algorithms").
  init(daysSince1970 days: Int64) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    day = Int(dayOfYear - (153 * marchMonth + 2) / 5) + 1
    month = Int(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9)
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    weekday = Int((days % 7 + 11) % 7)
  }
}
