import OmnibusTesting
import Testing

@Suite("memory store")
struct MemoryStoreTests {
  @Test("keeps every promise of a store") func conformance() async {
    await Conformance.store("memory") { clock, _ in MemoryStore(clock: clock) }
  }
}
