import Omnibus
import Testing

@Suite struct CivilDateTests {
  @Test("days are those of the Gregorian calendar")
  func calendar() {
    func date(_ day: Int) -> [Int] {
      let date = CivilDate(daysSince1970: day)
      #expect(date.daysSince1970 == day)
      return [date.year, date.month, date.day, date.weekday]
    }
    #expect(date(0) == [1970, 1, 1, 4])
    #expect(date(-1) == [1969, 12, 31, 3])
    #expect(date(19_782) == [2024, 2, 29, 4])
    #expect(date(47_540) == [2100, 2, 28, 0])
    #expect(date(47_541) == [2100, 3, 1, 1])
  }

  @Test("a day that the month does not have does not exist")
  func exists() {
    #expect(CivilDate(year: 2024, month: 2, day: 29).exists)
    for (year, month, day) in [(2023, 2, 29), (2100, 2, 29), (2024, 4, 31), (2024, 0, 1), (2024, 13, 1), (2024, 1, 0)] {
      #expect(!CivilDate(year: year, month: month, day: day).exists)
    }
  }
}
