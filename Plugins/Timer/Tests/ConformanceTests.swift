import Omnibus
import OmnibusTesting
import Testing

@testable import TimerPlugin

@Suite("timer, conformance")
struct ConformanceTests {
  @Test("as a source", arguments: [["every": "10s"], ["cron": "* * * * *"]] as [Configuration])
  func source(options: Configuration) async {
    await Conformance.source("timer", of: .timer) { clock in Ticks(options: options, clock: clock) }
  }
}

/// The time. Nobody sees what becomes of a tick.
private struct Ticks: SourcePeer {
  let options: Configuration
  let clock: ManualClock

  var sendsBodies: Bool { false }
  var showsOutcome: Bool { false }
  var mostUnderWay: Int? { 1 }
  var step: Duration { .zero }

  func send(_ body: [UInt8]) async throws -> SentMessage {
    await clock.advanceToNext()
    return .watched { .pending }
  }
}
