import Testing

@testable import OmnibusReactor

@Suite struct TimerQueueTests {
  @Test("timers fire in the order of their deadlines, and those of one deadline in the order in which they were set")
  func order() {
    var queue = TimerQueue<String>()
    _ = queue.insert("c", deadline: 30)
    _ = queue.insert("a", deadline: 10)
    _ = queue.insert("b", deadline: 20)
    _ = queue.insert("a2", deadline: 10)
    #expect(queue.nextDeadline == 10)
    #expect(queue.popDue(at: 9) == nil)
    #expect([queue.popDue(at: 25), queue.popDue(at: 25), queue.popDue(at: 25), queue.popDue(at: 25)] == ["a", "a2", "b", nil])
    #expect(queue.popDue(at: 30) == "c")
    #expect(queue.isEmpty)
  }

  @Test("a cancelled timer does not fire, and its key names nothing afterwards, also when its slot is used again")
  func cancel() {
    var queue = TimerQueue<Int>()
    let first = queue.insert(1, deadline: 10)
    #expect(queue.cancel(first) == 1)
    #expect(queue.cancel(first) == nil)
    let second = queue.insert(2, deadline: 10)
    #expect(queue.cancel(first) == nil)
    #expect(queue.popDue(at: 10) == 2)
    #expect(queue.cancel(second) == nil)
  }

  @Test("any mixture of setting, cancelling and firing agrees with a sorted list")
  func model() {
    var random = SystemRandomNumberGenerator()
    var queue = TimerQueue<Int>()
    var model: [(deadline: UInt64, payload: Int, key: TimerQueue<Int>.Key)] = []
    var now: UInt64 = 0
    for payload in 0..<5000 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<6:
        let deadline = now + UInt64.random(in: 0..<100, using: &random)
        model.append((deadline, payload, queue.insert(payload, deadline: deadline)))
      case 6..<8:
        guard let place = model.indices.randomElement(using: &random) else { continue }
        #expect(queue.cancel(model[place].key) == model[place].payload)
        model.remove(at: place)
      default:
        now += UInt64.random(in: 0..<40, using: &random)
        while let fired = queue.popDue(at: now) {
          let next = model.indices.min { (model[$0].deadline, model[$0].payload) < (model[$1].deadline, model[$1].payload) }
          #expect(next.map { model[$0].payload } == fired)
          if let next { model.remove(at: next) }
        }
        #expect(model.allSatisfy { $0.deadline > now })
      }
      #expect(queue.count == model.count)
    }
  }
}
