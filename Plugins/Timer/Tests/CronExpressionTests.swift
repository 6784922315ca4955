import Omnibus
import OmnibusTesting
import Testing

@testable import TimerPlugin

struct CronExpressionTests {
  /// 2024-02-28T23:59:30Z, a Wednesday.
  static let start: Int64 = 1_709_164_770

  @Test(
    "the next time is the first one that matches, in UTC",
    arguments: [
      ("* * * * *", 1_709_164_800),
      ("*/5 * * * *", 1_709_164_800),
      ("30 12 * * *", 1_709_209_800),
      ("0 0 29 2 *", 1_709_164_800),
      ("0 0 29 FEB *", 1_709_164_800),
      ("0 0 1 1 *", 1_735_689_600),
      ("0 8-17/3 * * MON-FRI", 1_709_193_600),
      ("59 23 28 2 *", 1_740_787_140),
      ("0 0 * * 0", 1_709_424_000),
      ("0 0 * * 7", 1_709_424_000),
      ("0 0 * * sun", 1_709_424_000),
      ("0,20,40 0 * * *", 1_709_164_800),
      ("0 0 13 * FRI", 1_709_251_200),
      ("0 0 */31 * FRI", 1_709_251_200),
    ])
  func next(text: String, time: Int64) throws {
    #expect(try CronExpression(text).next(after: Self.start) == time)
  }

  @Test("a time that matches comes once, and the next one after it")
  func afterMatch() throws {
    let cron = try CronExpression("*/15 * * * *")
    var times: [Int64] = [1_709_164_800]
    for _ in 0..<4 { times.append(cron.next(after: times[times.count - 1])) }
    #expect(times.map { $0 - times[0] } == [0, 900, 1800, 2700, 3600])
  }

  @Test("the 29th of February is found eight years ahead, across the year 2100")
  func leapDay() throws {
    // 2096-03-01T00:00:00Z to 2104-02-29T00:00:00Z.
    #expect(try CronExpression("0 0 29 2 *").next(after: 3_981_312_000) == 4_233_686_400)
  }

  @Test(
    "what is no cron expression is refused, with the part that is wrong",
    arguments: [
      ("", 0), ("* * * *", 0), ("* * * * * *", 0), ("60 * * * *", 0), ("* 24 * * *", 2), ("* * 0 * *", 4),
      ("* * * 13 *", 6), ("* * * * 8", 8), ("5-1 * * * *", 0), ("*/0 * * * *", 0), ("1,,2 * * * *", 2),
      ("1/2 * * * *", 0), ("-1 * * * *", 0), ("+1 * * * *", 0), ("* * * jann *", 6), ("*/99999999999 * * * *", 0),
      ("0 0 30 2 *", 0), ("0 0 31 4,6,9,11 *", 0), ("1,61 * * * *", 2), ("١ * * * *", 0),
    ])
  func refused(text: String, offset: Int) {
    let error = #expect(throws: CronExpression.SyntaxError.self) { try CronExpression(text) }
    #expect(error?.offset == offset)
  }

  @Test("a diagnostic points at the field")
  func diagnostic() {
    let problem = #expect(throws: Diagnostics.self) {
      try ComponentLoader([]).option(CronExpression.self, "0 25 * * *")
    }
    #expect(problem?.all.first?.location.column == 3)
    #expect(problem?.all.first?.message == "test has \"25\" for the hour, expected 0 to 23")
  }
}
