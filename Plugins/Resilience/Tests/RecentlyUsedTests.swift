import Testing

@testable import ResiliencePlugin

struct RecentlyUsedTests {
  @Test("what was used longest ago goes first")
  func order() {
    var entries = RecentlyUsed<String, Int>()
    for (number, key) in ["a", "b", "c"].enumerated() { entries.set(key, number) }
    #expect(entries.use("a") == 0)
    #expect(entries.set("b", 7) == 1)
    #expect((0..<4).map { _ in entries.removeOldest() } == [2, 0, 7, nil])
    #expect(entries.count == 0)
    #expect(entries.use("a") == nil)
  }

  @Test("it is what a list in the order of use is", arguments: [1, 2, 3] as [UInt64])
  func model(seed: UInt64) {
    var random = Seeded(state: seed)
    var entries = RecentlyUsed<Int, Int>()
    var list: [(key: Int, element: Int)] = []
    for number in 0..<5_000 {
      let key = Int.random(in: 0..<20, using: &random)
      let place = list.firstIndex { $0.key == key }
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        #expect(entries.use(key) == place.map { list[$0].element })
        if let place { list.append(list.remove(at: place)) }
      case 1:
        #expect(entries.set(key, number) == place.map { list[$0].element })
        if let place { list.remove(at: place) }
        list.append((key, number))
      case 2:
        #expect(entries.remove(key) == place.map { list[$0].element })
        if let place { list.remove(at: place) }
      default:
        #expect(entries.removeOldest() == list.first?.element)
        if !list.isEmpty { list.removeFirst() }
      }
      #expect(entries.count == list.count)
    }
  }
}
