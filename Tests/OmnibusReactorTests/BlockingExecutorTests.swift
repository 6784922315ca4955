import Synchronization
import Testing

@testable import OmnibusReactor

@Suite(.timeLimit(.minutes(5))) struct BlockingExecutorTests {
  private struct Refused: Error {}

  @Test("results and errors come back")
  func results() async throws {
    let executor = BlockingExecutor(threads: 2)
    #expect(try await executor.run { 6 * 7 } == 42)
    await #expect(throws: Refused.self) { try await executor.run { throw Refused() } }
  }

  @Test("work that was started goes on by itself, and its result can be had before and after its end")
  func start() async throws {
    let executor = BlockingExecutor(threads: 2)
    let go = Semaphore()
    let slow = executor.start {
      go.wait()
      return 42
    }
    let other = executor.start { go.signal() }
    #expect(try await slow.value() == 42)
    #expect(try await slow.value() == 42)
    try await other.value()
    let refused = executor.start { throw Refused() }
    await #expect(throws: Refused.self) { try await refused.value() }
  }

  @Test("as many pieces of work run at the same time as there may be threads, and no more")
  func limit() async throws {
    let executor = BlockingExecutor(threads: 3)
    let running = Shared(Atomic(0))
    let most = Shared(Atomic(0))
    let meeting = Semaphore()
    let arrived = Semaphore()
    await withTaskGroup(of: Void.self) { tasks in
      for _ in 0..<12 {
        tasks.addTask {
          try? await executor.run {
            let now = running.value.add(1, ordering: .relaxed).newValue
            most.value.max(now, ordering: .relaxed)
            arrived.signal()
            meeting.wait()
            running.value.subtract(1, ordering: .relaxed)
          }
        }
      }
      tasks.addTask {
        // All three threads are at work at once, or this waits for ever.
        try? await BlockingExecutor(threads: 1).run {
          for _ in 0..<3 { arrived.wait() }
          for _ in 0..<12 { meeting.signal() }
        }
      }
    }
    #expect(most.value.load(ordering: .relaxed) == 3)
  }

  @Test("ten thousand pieces of work from many tasks are all done")
  func many() async {
    let executor = BlockingExecutor(threads: 4)
    let sum = await withTaskGroup(of: Int.self) { tasks in
      for number in 0..<10_000 { tasks.addTask { (try? await executor.run { number }) ?? 0 } }
      return await tasks.reduce(0, +)
    }
    #expect(sum == 49_995_000)
  }
}
