import Omnibus

/// Time zones as CEL names them (cel-spec, "Timezones").
enum TimeZoneOffset {
  /// How many seconds east of UTC the zone `name` is at `time`: `UTC`, `Z`, `+01:00`, `-2:30`, or a name of the system's
  /// time zone database such as `Europe/Berlin`.
  static func seconds(_ name: String, at time: Timestamp) throws(Fault) -> Int64 {
    if ["UTC", "utc", "Z", "GMT", ""].contains(name) { return 0 }
    if let fixed = fixed(name) { return fixed }
    guard let zone = ZoneFile.named(name) else { throw Fault("unknown time zone") }
    return zone.offset(at: time.seconds)
  }

  private static func fixed(_ name: String) -> Int64? {
    var reader = TimeText.Reader(name)
    let isWest = reader.skip("-")
    if !isWest { _ = reader.skip("+") }
    guard var hours = reader.digit() else { return nil }
    if let digit = reader.digit() { hours = hours * 10 + digit }
    guard reader.skip(":"), let minutes = reader.digits(2), reader.isAtEnd, hours < 24, minutes < 60 else { return nil }
    return Int64(hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
  }
}
