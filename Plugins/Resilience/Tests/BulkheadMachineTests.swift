import Testing

@testable import ResiliencePlugin

struct BulkheadMachineTests {
  @Test("so many come in, so many wait, and the next one is refused")
  func limits() {
    var machine = BulkheadMachine(limit: 2, queue: 3)
    let decisions = (0..<6).map { _ in machine.ask(isBounded: true) }
    #expect(decisions == [.enter, .enter, .wait(1), .wait(2), .wait(3), .refuse])
    #expect(machine.held == 2 && machine.waiters == 3)
  }

  @Test("places are handed on in the order in which they were asked for")
  func order() {
    var machine = BulkheadMachine(limit: 1, queue: 3)
    for _ in 0..<4 { _ = machine.ask(isBounded: true) }
    #expect([machine.leave(), machine.leave(), machine.leave(), machine.leave()] == [1, 2, 3, nil])
    #expect(machine.held == 0)
    #expect(machine.ask(isBounded: true) == .enter)
  }

  @Test("who gave up is passed over, leaves room in the queue, and cannot give up what it has")
  func givingUp() {
    var machine = BulkheadMachine(limit: 1, queue: 2)
    for _ in 0..<3 { _ = machine.ask(isBounded: true) }
    #expect(machine.giveUp(1) == true)
    #expect(machine.giveUp(1) == false)
    #expect(machine.ask(isBounded: true) == .wait(3))
    #expect(machine.leave() == 2)
    #expect(machine.giveUp(2) == false)
    #expect(machine.leave() == 3)
    #expect(machine.leave() == nil)
  }

  @Test("sources wait in the same order and take no room in the queue")
  func unbounded() {
    var machine = BulkheadMachine(limit: 1, queue: 1)
    let decisions = [true, false, false, true, true].map { machine.ask(isBounded: $0) }
    #expect(decisions == [.enter, .wait(1), .wait(2), .wait(3), .refuse])
    #expect((0..<4).map { _ in machine.leave() } == [1, 2, 3, nil])
  }

  @Test("whatever comes and goes, places and waiters add up", arguments: [1, 2, 3, 4, 5] as [UInt64])
  func random(seed: UInt64) {
    var random = Seeded(state: seed)
    var machine = BulkheadMachine(limit: 3, queue: 5)
    var held = 0
    var waiting: [Int] = []
    for _ in 0..<5_000 {
      switch Int.random(in: 0..<3, using: &random) {
      case 0:
        switch machine.ask(isBounded: true) {
        case .enter: held += 1
        case .wait(let number): waiting.append(number)
        case .refuse: #expect(held == 3 && waiting.count == 5)
        }
      case 1 where held > 0:
        let number = machine.leave()
        #expect(number == waiting.first)
        if number == nil { held -= 1 } else { waiting.removeFirst() }
      case 2 where !waiting.isEmpty:
        let number = waiting.remove(at: Int.random(in: 0..<waiting.count, using: &random))
        #expect(machine.giveUp(number) == true)
      default: break
      }
      #expect(machine.held == held && machine.waiters == waiting.count)
    }
  }
}

/// Numbers that look random and are the same each time (SplitMix64).
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
