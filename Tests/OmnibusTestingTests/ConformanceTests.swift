import Omnibus
import OmnibusTesting
import Testing

@Suite("memory, conformance")
struct ConformanceTests {
  @Test("as a source") func source() async {
    let memory = MemorySystem()
    await Conformance.source("memory", of: memory.plugin) { _ in MemorySender(memory: memory) }
  }

  @Test("as a destination") func destination() async {
    let memory = MemorySystem()
    await Conformance.destination("memory", of: memory.plugin) { MemoryReceiver(memory) }
  }

  @Test("every component has its suite") func coverage() { Conformance.coverage(of: [MemorySystem().plugin]) }

  @Test("a component without a suite is an issue") func uncovered() {
    let plugin = Plugin(
      name: "other", version: "1",
      components: [.step("other", "Has no suite.", NoOptions.self) { _, _ in FlakyDestination() }])
    withKnownIssue {
      Conformance.coverage(of: [plugin])
    } matching: { issue in
      issue.comments.contains { $0.rawValue.contains("step(\"other\") has no conformance suite") }
    }
  }
}
