import Synchronization
import Testing

@testable import OmnibusReactor

@Suite(.timeLimit(.minutes(5))) struct ReactorTests {
  @Test("a task that prefers a reactor runs on its thread, also after it waited for something elsewhere")
  func executor() async throws {
    let group = try ReactorGroup(count: 2)
    let blocking = BlockingExecutor(threads: 1)
    for reactor in group.reactors {
      let places = await Task.detached(executorPreference: reactor) {
        let before = reactor.isCurrent
        _ = try? await blocking.run { Reactor.current?.index }
        await Task.yield()
        return [before, reactor.isCurrent, Reactor.current === reactor]
      }.value
      #expect(places == [true, true, true])
    }
    #expect(Reactor.current == nil)
  }

  @Test("no wake-up is lost, however many threads hand work over")
  func wakeUps() async throws {
    let group = try ReactorGroup(count: 1)
    let reactor = group.reactors[0]
    let total = await withTaskGroup(of: Int.self) { tasks in
      for _ in 0..<8 {
        tasks.addTask {
          var sum = 0
          for _ in 0..<2000 {
            sum += await withUnsafeContinuation { continuation in
              reactor.execute { continuation.resume(returning: reactor.isCurrent ? 1 : 0) }
            }
          }
          return sum
        }
      }
      return await tasks.reduce(0, +)
    }
    #expect(total == 16_000)
  }

  @Test("what one thread hands over runs in that order")
  func order() async throws {
    let group = try ReactorGroup(count: 1)
    let seen = Collected<Int>()
    for number in 0..<1000 { group.reactors[0].execute { seen.append(number) } }
    await group.reactors[0].turn()
    #expect(seen.all == Array(0..<1000))
  }

  @Test("timers fire once, in order, and not when they were cancelled")
  func timers() async throws {
    let group = try ReactorGroup(count: 1)
    let reactor = group.reactors[0]
    let seen = Collected<String>()
    await withUnsafeContinuation { done in
      reactor.execute {
        reactor.schedule(after: .milliseconds(20)) {
          seen.append("late")
          done.resume()
        }
        let cancelled = reactor.schedule(after: .milliseconds(10)) { seen.append("cancelled") }
        reactor.schedule(after: .milliseconds(5)) {
          seen.append("early")
          reactor.cancel(cancelled)
        }
        reactor.schedule(after: .seconds(-1)) { seen.append("at once") }
      }
    }
    #expect(seen.all == ["at once", "early", "late"])
  }

  @Test("work that feeds on itself does not keep timers from firing")
  func fairness() async throws {
    let group = try ReactorGroup(count: 1)
    let reactor = group.reactors[0]
    let isOver = Shared(Atomic(false))
    @Sendable func spin() {
      if !isOver.value.load(ordering: .relaxed) { reactor.execute { spin() } }
    }
    await withUnsafeContinuation { done in
      reactor.execute {
        spin()
        reactor.schedule(after: .milliseconds(5)) {
          isOver.value.store(true, ordering: .relaxed)
          done.resume()
        }
      }
    }
  }

  @Test("what was queued before a stop still runs")
  func stop() async throws {
    let group = try ReactorGroup(count: 1)
    let reactor = group.reactors[0]
    await withUnsafeContinuation { done in
      reactor.execute {
        group.stop()
        reactor.execute { reactor.execute { done.resume() } }
      }
    }
  }

  @Test("round robin reaches every reactor")
  func roundRobin() throws {
    let group = try ReactorGroup(count: 3)
    #expect(Set((0..<6).map { _ in group.next().index }) == [0, 1, 2])
  }
}
