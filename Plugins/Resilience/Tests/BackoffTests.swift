import Omnibus
import Testing

struct BackoffTests {
  @Test(
    "waits stay the same, grow by the first wait, or double",
    arguments: [
      (Backoff.Growth.constant, [1, 1, 1]), (.linear, [1, 2, 3]), (.exponential(factor: 2), [1, 2, 4]),
    ])
  func growth(growth: Backoff.Growth, seconds: [Int]) {
    let backoff = Backoff(initial: .seconds(1), growth: growth, max: .seconds(3600), jitter: .none)
    #expect((1...3).map { backoff.delay(after: $0, chance: 0.5) } == seconds.map { .seconds($0) })
  }

  @Test("base 10 s with a cap of 1 s gives 1 s; attempt 1,000 with a cap of 2 days gives 2 days")
  func figures() {
    let base = Duration.seconds(1)
    for growth in [Backoff.Growth.constant, .linear, .exponential(factor: 2)] {
      let capped = Backoff(initial: .seconds(10), growth: growth, max: base, jitter: .none)
      #expect((1...4).map { capped.delay(after: $0, chance: 0.5) } == [base, base, base, base])
    }
    let long = Backoff(initial: base, growth: .exponential(factor: 2), max: .seconds(2 * 86_400), jitter: .none)
    #expect(long.delay(after: 1000, chance: 0.5) == .seconds(2 * 86_400))
  }

  @Test("the thousandth wait is the longest one and does not overflow")
  func cap() {
    let twoDays = Duration.seconds(2 * 86_400)
    for growth in [Backoff.Growth.linear, .exponential(factor: 1000)] {
      let backoff = Backoff(initial: .seconds(1000), growth: growth, max: twoDays, jitter: .none)
      #expect(backoff.delay(after: 1000, chance: 0) == twoDays)
      #expect(backoff.delay(after: .max, chance: 0) == twoDays)
    }
  }

  @Test("a first wait beyond the longest is cut to it")
  func initialBeyondCap() {
    let backoff = Backoff(initial: .seconds(10), growth: .constant, max: .seconds(1), jitter: .none)
    #expect(backoff.delay(after: 1, chance: 0) == .seconds(1))
  }

  @Test("chance decides over nothing, a half, or all of a wait")
  func jitter() {
    func wait(_ jitter: Backoff.Jitter, _ chance: Double) -> Duration {
      Backoff(initial: .seconds(4), growth: .constant, max: .seconds(60), jitter: jitter).delay(
        after: 1, chance: chance)
    }
    #expect([wait(.none, 0), wait(.none, 0.5)] == [.seconds(4), .seconds(4)])
    #expect([wait(.equal, 0), wait(.equal, 0.5)] == [.seconds(2), .seconds(3)])
    #expect([wait(.full, 0), wait(.full, 0.5)] == [.seconds(0), .seconds(2)])
  }
}
