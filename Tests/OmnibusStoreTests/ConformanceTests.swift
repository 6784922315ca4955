import OmnibusStore
import OmnibusTesting
import Testing

@Suite("the store in SQLite, by the suite for stores") struct ConformanceTests {
  @Test("keeps every promise of a store") func plain() async {
    await Conformance.store("sqlite", isDurable: true) { clock, directory in
      try SQLiteStore(directory: directory, clock: clock)
    }
  }

  @Test("keeps every promise of a store when it is sealed") func sealed() async {
    await Conformance.store("sqlite", isDurable: true) { clock, directory in
      try SQLiteStore(directory: directory, key: [UInt8](repeating: 7, count: 32), clock: clock)
    }
  }
}
