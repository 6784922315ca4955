import Omnibus
import OmnibusTesting
import Testing

@testable import omnibus

@Suite("turns")
struct TurnsTests {
  @Test("work is done one after another, in the order in which it was added, however long each takes")
  func order() async {
    let (turns, release, done) = (Turns(), StopSignal(), Recorder<Int>())
    let first = turns.add {
      await release.wait()
      done.append(0)
      return 0
    }
    let others = (1..<20).map { number in
      turns.add {
        done.append(number)
        await Task.yield()
        done.append(number)
        return number
      }
    }
    // Who was added later waits, also where somebody waits for it.
    async let last = others[18].value
    #expect(done.all.isEmpty)
    release.signal()
    #expect(await last == 19)
    #expect(await first.value == 0)
    #expect(done.all == [0] + (1..<20).flatMap { [$0, $0] })
  }

  @Test("a turn goes on to its end, also where nobody waits for it any more")
  func abandoned() async {
    let (turns, release, done) = (Turns(), StopSignal(), Recorder<Int>())
    let first = turns.add {
      await release.wait()
      done.append(1)
    }
    let second = turns.add { done.append(2) }
    let waiting = Task { await second.value }
    waiting.cancel()
    release.signal()
    await first.value
    await second.value
    #expect(done.all == [1, 2])
  }
}
