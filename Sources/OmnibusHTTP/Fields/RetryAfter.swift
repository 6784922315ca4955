/// The field `retry-after` (RFC 9110, 10.2.3): a number of seconds, or a date.
public enum RetryAfter {
  /// The longest wait that is believed, in seconds.
  private static let limit = 86_400

  /// How long to wait from `now`, seconds since 1970; nil for what is neither seconds nor a date.
  public static func duration(_ field: String, now: Double) -> Duration? {
    if !field.isEmpty, field.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) {
      return .seconds(min(Int(field) ?? limit, limit))
    }
    guard let date = HTTPTimestamp.seconds(field, now: now) else { return nil }
    return .milliseconds(Int64(min(max(Double(date) - now, 0), Double(limit)) * 1000))
  }
}
