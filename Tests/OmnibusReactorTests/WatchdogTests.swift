import Synchronization
import Testing

@testable import OmnibusReactor

@Suite(.timeLimit(.minutes(5))) struct WatchdogTests {
  @Test("a piece of work is reported once, when it was seen for as long as the limit")
  func detector() {
    var detector = HoldDetector(limit: 100)
    #expect(detector.observe(piece: 7, at: 0) == nil)
    #expect(detector.observe(piece: 7, at: 99) == nil)
    #expect(detector.observe(piece: 7, at: 120) == 120)
    #expect(detector.observe(piece: 7, at: 500) == nil)
    #expect(detector.observe(piece: 8, at: 600) == nil)
    #expect(detector.observe(piece: 8, at: 700) == 100)
  }

  @Test("neither a reactor that waits nor one that gets through its work is reported")
  func idle() {
    var detector = HoldDetector(limit: 100)
    for time in stride(from: UInt64(0), to: 1000, by: 50) { #expect(detector.observe(piece: 0, at: time) == nil) }
    for time in stride(from: UInt64(1000), to: 2000, by: 50) {
      #expect(detector.observe(piece: time, at: time) == nil)
    }
  }

  @Test("what holds a reactor is reported by its name")
  func report() async throws {
    let activity = Activity("route a, step b")
    let release = Shared(Atomic(false))
    let held = await withUnsafeContinuation { (done: UnsafeContinuation<HeldReactor, Never>) in
      let group = try? ReactorGroup(count: 1, holdLimit: .milliseconds(10)) { held in
        release.value.store(true, ordering: .releasing)
        done.resume(returning: held)
      }
      group?.reactors[0].execute {
        activity.mark.begin()
        while !release.value.load(ordering: .acquiring) {}
        _ = group
      }
    }
    #expect(held.reactor == 0)
    #expect(held.activity == "route a, step b")
    #expect(held.duration >= .milliseconds(10))
  }

  @Test("the name of an activity is forgotten with it")
  func names() {
    var activity: Activity? = Activity("gone soon")
    #expect(activity?.name == "gone soon")
    activity = nil
    #expect(Activity.name(of: 0) == nil)
  }
}
