import Omnibus
import Testing

@testable import ResiliencePlugin

/// The figures of the scenarios are those that circuit breakers elsewhere are tested by.
struct BreakerMachineTests {
  static let second: UInt64 = 1_000_000_000

  static func machine(
    failureRate: Int = 50, slowCallRate: Int = 100, slowAfter: UInt64? = nil, window: CallWindow.Size = .calls(20),
    minimumCalls: Int = 5, openFor: UInt64 = 30, trialCalls: Int = 3
  ) -> BreakerMachine {
    BreakerMachine(
      .init(
        failureRate: Percentage(percent: failureRate), slowCallRate: Percentage(percent: slowCallRate),
        slowAfter: slowAfter.map { $0 * second }, window: window, minimumCalls: minimumCalls,
        openFor: openFor * second, trialCalls: trialCalls))
  }

  @Test("failure rate 50 %, minimum 5, window 20: F F F S S is closed after four and open after the fifth")
  func failureRate() throws {
    var machine = Self.machine()
    for outcome in [BreakerMachine.Outcome.failure, .failure, .failure, .success] {
      try machine.call(outcome)
      #expect(machine.state == .closed)
    }
    try machine.call(.success)
    #expect(machine.state == .open)
    #expect(machine.refusal(at: 0) == 30 * Self.second)
    #expect(machine.status(at: 0) == .init(state: .open, calls: 5, failures: 3, refused: 1))
  }

  @Test("slow is over 4 s, slow rate 50 %: slow slow fast fast slow opens although all succeeded")
  func slowCalls() throws {
    var machine = Self.machine(slowCallRate: 50, slowAfter: 4)
    for (place, seconds) in [5, 5, 1, 4, 5].enumerated() {
      #expect(machine.state == .closed, "after \(place)")
      try machine.call(.success, at: 0, taking: UInt64(seconds) * Self.second)
    }
    #expect(machine.status(at: 5 * Self.second) == .init(state: .open, calls: 5, slow: 3))
  }

  @Test("half open with 4 trial calls: of 6 attempts 4 pass and 2 are refused, one more passes after a release")
  func trialCalls() throws {
    var machine = Self.machine(trialCalls: 4)
    try machine.open()
    let now = 30 * Self.second
    let calls = (0..<6).map { _ in machine.passed(at: now) }
    #expect(machine.state == .halfOpen)
    #expect(calls.map { $0 != nil } == [true, true, true, true, false, false])
    machine.end(try #require(calls[0]), .givenUp, at: now)
    #expect(machine.passed(at: now) != nil)
    #expect(machine.passed(at: now) == nil)
    #expect(machine.status(at: now).refused == 3)
  }

  @Test("half open with 4 trial calls: 4 places are promised, who has one passes, and nobody else")
  func promises() throws {
    var machine = Self.machine(trialCalls: 4)
    #expect(machine.promised(at: 0) == nil)
    #expect(machine.hasPlace(at: 0))
    try machine.open()
    #expect(machine.promised(at: 0) == nil)
    #expect(!machine.hasPlace(at: 0))
    let now = 30 * Self.second
    machine.refresh(at: now)
    let places = (0..<6).map { _ in machine.promised(at: now) }
    #expect(places.map { $0 != nil } == [true, true, true, true, false, false])
    #expect(machine.passed(at: now) == nil)
    #expect(!machine.hasPlace(at: now))
    let number = try #require(places[0])
    #expect(machine.passed(at: now, place: number) != nil)
    #expect(machine.passed(at: now) == nil)
    machine.takeBack(number)
    #expect(machine.trialsLeft == 1)
    #expect(machine.passed(at: now) != nil)
    // Those who never come do not keep it half open for ever, and have no place any more afterwards.
    let later = now + 30 * Self.second
    #expect(machine.hasPlace(at: later))
    #expect((0..<5).map { _ in machine.passed(at: later) != nil } == [true, true, true, true, false])
    #expect(machine.passed(at: later, place: number) == nil)
  }

  @Test("window 5 s in buckets of 1 s: three calls at 0.0, 0.1, 0.8 still count at +4 s and are gone a second later")
  func timeWindow() {
    var window = CallWindow(.time(.seconds(5)))
    let start = 7 * Self.second
    for tenths in [0, 1, 8] {
      window.record(CallTally(calls: 1, failures: 1), at: start + UInt64(tenths) * 100_000_000)
    }
    #expect(window.tally(at: start + 4 * Self.second) == CallTally(calls: 3, failures: 3))
    #expect(window.tally(at: start + 5 * Self.second) == CallTally())
  }

  @Test("a window of time forgets each second by itself, also after a long silence")
  func timeWindowSlides() {
    var window = CallWindow(.time(.seconds(5)))
    for second in 0..<8 { window.record(CallTally(calls: 1), at: UInt64(second) * Self.second) }
    #expect(window.total.calls == 5)
    #expect(window.tally(at: 9 * Self.second).calls == 3)
    #expect(window.tally(at: 1_000_000 * Self.second).calls == 0)
    window.record(CallTally(calls: 1), at: 1_000_001 * Self.second)
    #expect(window.total.calls == 1)
  }

  @Test("a call that ends with an older reading of the clock counts in the newest bucket")
  func lateReading() {
    var window = CallWindow(.time(.seconds(5)))
    window.record(CallTally(calls: 1), at: 9 * Self.second)
    window.record(CallTally(calls: 1), at: 3 * Self.second)
    #expect(window.tally(at: 13 * Self.second).calls == 2)
    #expect(window.tally(at: 14 * Self.second).calls == 0)
  }

  @Test("of a window of calls the oldest goes with each that comes")
  func countWindow() {
    var window = CallWindow(.calls(3))
    for failures in [1, 1, 0, 0] { window.record(CallTally(calls: 1, failures: failures), at: 0) }
    #expect(window.total == CallTally(calls: 3, failures: 1))
    window.record(CallTally(calls: 1), at: 0)
    #expect(window.total == CallTally(calls: 3, failures: 0))
  }

  @Test("failures that left the window do not open it")
  func forgotten() throws {
    var machine = Self.machine(window: .time(.seconds(5)))
    for _ in 0..<4 { try machine.call(.failure, at: 0) }
    try machine.call(.failure, at: 5 * Self.second)
    #expect(machine.state == .closed)
    #expect(machine.status(at: 5 * Self.second).calls == 1)
  }

  @Test("below the rate it stays closed, at the rate it opens", arguments: [(49, false), (50, true), (51, true)])
  func threshold(failures: Int, opens: Bool) throws {
    var machine = Self.machine(window: .calls(100), minimumCalls: 100)
    for number in 0..<100 { try machine.call(number < failures ? .failure : .success) }
    #expect((machine.state == .open) == opens)
  }

  @Test("a rate of 100 % opens when all calls failed, and not before")
  func allOfThem() throws {
    var machine = Self.machine(failureRate: 100, minimumCalls: 3)
    for outcome in [BreakerMachine.Outcome.success, .failure, .failure, .failure] { try machine.call(outcome) }
    #expect(machine.state == .closed)
    machine = Self.machine(failureRate: 100, minimumCalls: 3)
    for _ in 0..<3 { try machine.call(.failure) }
    #expect(machine.state == .open)
  }

  @Test("open it refuses until its time is over, and says how long that is")
  func retryAfter() throws {
    var machine = Self.machine()
    try machine.open()
    for seconds in [0, 1, 29] as [UInt64] {
      #expect(machine.refusal(at: seconds * Self.second) == (30 - seconds) * Self.second)
    }
    #expect(machine.refusal(at: 30 * Self.second - 1) == 1)
    #expect(machine.passed(at: 30 * Self.second) != nil)
    #expect(machine.status(at: 0).refused == 4)
  }

  @Test("trial calls that go well close it with an empty window")
  func closes() throws {
    var machine = Self.machine(trialCalls: 3)
    try machine.open()
    let now = 30 * Self.second
    for outcome in [BreakerMachine.Outcome.success, .failure, .success] {
      #expect(machine.state != .closed)
      try machine.call(outcome, at: now)
    }
    #expect(machine.status(at: now) == .init(state: .closed))
    for _ in 0..<4 { try machine.call(.failure, at: now) }
    #expect(machine.state == .closed)
    try machine.call(.failure, at: now)
    #expect(machine.state == .open)
  }

  @Test("trial calls that fail open it again, for as long as the first time")
  func opensAgain() throws {
    var machine = Self.machine(trialCalls: 2)
    try machine.open()
    for _ in 0..<2 { try machine.call(.failure, at: 31 * Self.second) }
    #expect(machine.status(at: 0) == .init(state: .open, calls: 2, failures: 2))
    #expect(machine.refusal(at: 31 * Self.second) == 30 * Self.second)
  }

  @Test("trial calls that are slow open it again although they succeeded")
  func slowTrials() throws {
    var machine = Self.machine(slowAfter: 4, trialCalls: 2)
    try machine.open()
    let now = 30 * Self.second
    let calls = (0..<2).compactMap { _ in machine.passed(at: now) }
    for call in calls { machine.end(call, .success, at: now + 5 * Self.second) }
    #expect(machine.state == .open)
  }

  @Test("a call that began before a change of state does not count for the new state")
  func stragglers() throws {
    var machine = Self.machine(trialCalls: 1)
    let (early, late) = (try machine.mustPass(at: 0), try machine.mustPass(at: 0))
    try machine.open()
    machine.end(early, .success, at: 1)
    #expect(machine.state == .open)
    let trial = try machine.mustPass(at: 30 * Self.second)
    machine.end(late, .failure, at: 30 * Self.second)
    #expect(machine.state == .halfOpen)
    machine.end(trial, .success, at: 30 * Self.second)
    #expect(machine.status(at: 30 * Self.second) == .init(state: .closed))
  }

  @Test("cancelled calls count neither way")
  func givenUp() throws {
    var machine = Self.machine()
    for _ in 0..<100 { try machine.call(.givenUp) }
    #expect(machine.status(at: 0) == .init(state: .closed))
  }

  @Test("a call that is cancelled after it was slow counts as slow")
  func slowAndGivenUp() throws {
    var machine = Self.machine(slowAfter: 4)
    for _ in 0..<5 { try machine.call(.givenUp, taking: 5 * Self.second) }
    #expect(machine.status(at: 5 * Self.second) == .init(state: .open, calls: 5, slow: 5))
  }

  @Test("trial calls that are given up after others were allowed make no room for more")
  func abandonedTrials() throws {
    var machine = Self.machine(trialCalls: 2)
    try machine.open()
    let first = (0..<2).compactMap { _ in machine.passed(at: 30 * Self.second) }
    let second = (0..<2).compactMap { _ in machine.passed(at: 60 * Self.second) }
    try #require(first.count == 2 && second.count == 2)
    for call in first { machine.end(call, .givenUp, at: 61 * Self.second) }
    #expect(machine.passed(at: 61 * Self.second) == nil)
    machine.end(second[0], .givenUp, at: 61 * Self.second)
    #expect(machine.passed(at: 61 * Self.second) != nil)
  }

  @Test("trial calls that never end do not keep it half open for ever, and count when they end after all")
  func hangingTrials() throws {
    var machine = Self.machine(trialCalls: 2)
    try machine.open()
    let first = (0..<2).compactMap { _ in machine.passed(at: 30 * Self.second) }
    #expect(machine.passed(at: 60 * Self.second - 1) == nil)
    let second = (0..<2).compactMap { _ in machine.passed(at: 60 * Self.second) }
    try #require(first.count == 2 && second.count == 2)
    #expect(machine.passed(at: 60 * Self.second) == nil)
    machine.end(first[0], .success, at: 61 * Self.second)
    machine.end(second[0], .success, at: 61 * Self.second)
    #expect(machine.state == .closed)
    machine.end(second[1], .failure, at: 62 * Self.second)
    #expect(machine.status(at: 62 * Self.second) == .init(state: .closed, refused: 2))
  }

  @Test("forced open it refuses for ever, and is tried again when that is taken back")
  func forcedOpen() throws {
    var machine = Self.machine(trialCalls: 1)
    machine.force(.open, at: 0)
    let later = 1_000_000 * Self.second
    guard case .refuse(nil) = machine.begin(at: later) else { return #expect(Bool(false), "it let a call pass") }
    #expect(machine.status(at: later) == .init(state: .open, isForced: true, refused: 1))
    machine.force(nil, at: later)
    #expect(machine.status(at: later) == .init(state: .halfOpen, refused: 1))
    try machine.call(.success, at: later)
    #expect(machine.state == .closed)
  }

  @Test("forced closed it lets all calls pass, watches them, and begins anew when that is taken back")
  func forcedClosed() throws {
    var machine = Self.machine()
    try machine.open()
    machine.force(.closed, at: 0)
    for _ in 0..<20 { try machine.call(.failure) }
    #expect(machine.status(at: 0) == .init(state: .closed, isForced: true, calls: 20, failures: 20))
    machine.force(nil, at: 0)
    #expect(machine.status(at: 0) == .init(state: .closed))
    try machine.open()
    #expect(machine.state == .open)
  }

  @Test("forced half open it is tried at once, and goes by what it sees")
  func forcedHalfOpen() throws {
    var machine = Self.machine(trialCalls: 1)
    try machine.open()
    machine.force(.halfOpen, at: 0)
    #expect(machine.status(at: 0) == .init(state: .halfOpen))
    try machine.call(.success)
    #expect(machine.state == .closed)
    machine.force(nil, at: 0)
    #expect(machine.state == .closed)
  }
}

extension BreakerMachine {
  /// The call, where it passes.
  fileprivate mutating func passed(at now: UInt64, place: Int? = nil) -> Call? {
    if case .pass(let call) = begin(at: now, place: place) { call } else { nil }
  }

  /// The number of a place for a call to come; nil where there is none, or none is needed.
  fileprivate mutating func promised(at now: UInt64) -> Int? {
    if case .held(let number) = promise(at: now) { number } else { nil }
  }

  /// The call, which is expected to pass.
  fileprivate mutating func mustPass(at now: UInt64) throws -> Call {
    let call = passed(at: now)
    return try #require(call)
  }

  /// How long it refuses calls; nil where it does not, or does not know.
  fileprivate mutating func refusal(at now: UInt64) -> UInt64? {
    if case .refuse(let retryAfter) = begin(at: now) { retryAfter } else { nil }
  }

  fileprivate mutating func call(_ outcome: Outcome, at now: UInt64 = 0, taking time: UInt64 = 0) throws {
    end(try mustPass(at: now), outcome, at: now + time)
  }

  /// Opens it by five failures at 0.
  fileprivate mutating func open() throws { for _ in 0..<5 { try call(.failure) } }
}
