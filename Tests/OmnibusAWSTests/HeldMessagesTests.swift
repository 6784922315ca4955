import Omnibus
import OmnibusReactor
import Testing

@testable import OmnibusAWS

/// When messages that are worked on are hidden anew.
@Suite struct HeldMessagesTests {
  private let held = HeldMessages()

  private let minute: UInt64 = 60_000_000_000

  private func hour(_ hours: Double) -> UInt64 { UInt64(hours * 3600) * 1_000_000_000 }

  @Test("a message is hidden anew when half of its time is over, for all of it")
  func half() throws {
    let number = try #require(held.add("a", "r", now: 0, for: .seconds(30)))
    #expect(held.ending(.seconds(30), now: 14_000_000_000).isEmpty)
    let ending = try #require(held.ending(.seconds(30), now: 15_000_000_000).first)
    #expect(ending.number == number && ending.receipt == "r" && ending.seconds == 30)
    held.extend(ending, until: 46_000_000_000)
    #expect(held.ending(.seconds(30), now: 30_000_000_000).isEmpty)
    let released = try #require(held.remove(number))
    #expect(released.receipt == "r" && released.hiddenUntil == 46_000_000_000 && released.limit == hour(12) - minute)
    #expect(held.remove(number) == nil)
    #expect(held.ending(.seconds(30), now: 40_000_000_000).isEmpty)
  }

  @Test("a message is hidden for twelve hours in all, and no more is asked for")
  func longest() throws {
    _ = held.add("a", "r", now: 0, for: .seconds(39_600))
    let ending = try #require(held.ending(.seconds(39_600), now: hour(6)).first)
    #expect(ending.seconds == 6 * 3600 - 60)
    held.extend(ending, until: hour(6) + UInt64(ending.seconds) * 1_000_000_000)
    for hours in [6, 9, 11.9, 12, 13] { #expect(held.ending(.seconds(39_600), now: hour(hours)).isEmpty) }
    let whole = HeldMessages()
    _ = whole.add("a", "r", now: 0, for: .seconds(43_200))
    for hours in [6.1, 9, 11.9, 13] { #expect(whole.ending(.seconds(43_200), now: hour(hours)).isEmpty) }
  }

  @Test("a message is never hidden for less than a second: none at all would bring it to light at once")
  func lastSeconds() throws {
    let visibility = Duration.seconds(39_600)
    _ = held.add("a", "r", now: 0, for: visibility)
    // Seconds that are not whole leave a rest before the end.
    var now = hour(6) + 700_000_000
    let ending = try #require(held.ending(visibility, now: now).first)
    #expect(ending.seconds == 6 * 3600 - 61)
    held.extend(ending, until: now + UInt64(ending.seconds) * 1_000_000_000)
    while now < hour(12) {
      now += minute / 3 + 300_000_001
      #expect(held.ending(visibility, now: now).isEmpty)
    }
    // One that is looked at late has a last second, and then none.
    for (left, seconds) in [(UInt64(2_500_000_000), 2), (1_000_000_000, 1), (999_999_999, nil)] as [(UInt64, Int64?)] {
      let late = HeldMessages()
      _ = late.add("a", "r", now: 0, for: .seconds(30))
      #expect(late.ending(.seconds(30), now: hour(12) - minute - left).first?.seconds == seconds)
    }
  }

  @Test("a message that is received again is held once, by what names it then, also where it was lost")
  func again() throws {
    let number = try #require(held.add("a", "first", now: 0, for: .seconds(30)))
    let ending = try #require(held.ending(.seconds(30), now: 20_000_000_000).first)
    #expect(held.lose(ending) && !held.lose(ending))
    #expect(held.ending(.seconds(30), now: 20_000_000_000).isEmpty)
    #expect(held.add("a", "second", now: 30_000_000_000, for: .seconds(30)) == nil)
    #expect(held.receipt(of: number) == "second")
    // What was asked for the former says nothing of this one.
    held.extend(ending, until: .max)
    #expect(!held.lose(ending))
    #expect(held.ending(.seconds(30), now: 50_000_000_000).map(\.receipt) == ["second"])
    #expect(held.remove(number)?.receipt == "second")
    #expect(held.add("a", "third", now: 60_000_000_000, for: .seconds(30)) != nil)
    // Those without an id are told apart by nothing.
    #expect(held.add("", "x", now: 0, for: .seconds(1)) != nil && held.add("", "y", now: 0, for: .seconds(1)) != nil)
  }
}
