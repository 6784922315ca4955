import Testing

@testable import OmnibusAWS

/// When messages are asked for one at a time.
@Suite struct FailedGroupsTests {
  private let groups = FailedGroups()

  private func seconds(_ count: Double) -> UInt64 { UInt64(count * 1_000_000_000) }

  @Test("a message is looked out for from when it may come, and for a minute")
  func window() {
    #expect(!groups.mayCome(0, until: seconds(20)))
    groups.add("a", from: seconds(100), until: seconds(130))
    #expect(!groups.mayCome(seconds(70), until: seconds(90)))
    for (now, end) in [(80.0, 100.0), (98, 98), (100, 101), (150, 150), (190, 210)] {
      #expect(groups.mayCome(seconds(now), until: seconds(end)), "\(now)")
    }
    #expect(!groups.mayCome(seconds(191), until: seconds(192)))
    #expect(!groups.mayCome(seconds(150), until: seconds(150)))
  }

  @Test("a message that has come is not looked out for, and others are")
  func several() {
    groups.add("a", from: 0, until: seconds(10))
    groups.add("b", from: 0, until: seconds(10))
    groups.remove("a")
    #expect(groups.mayCome(seconds(5), until: seconds(5)))
    groups.remove("b")
    #expect(!groups.mayCome(seconds(5), until: seconds(5)))
  }

  @Test("no more groups are kept than a thousand, and none of them for longer than its time")
  func bounded() {
    for number in 0..<1500 { groups.add("\(number)", from: 0, until: seconds(10)) }
    for number in 0..<1000 { groups.remove("\(number)") }
    #expect(!groups.mayCome(seconds(5), until: seconds(5)))
    for number in 0..<1000 { groups.add("\(number)", from: 0, until: seconds(10)) }
    groups.add("0", from: 0, until: seconds(200))
    #expect(groups.mayCome(seconds(100), until: seconds(100)))
    groups.remove("0")
    #expect(!groups.mayCome(seconds(100), until: seconds(100)))
  }
}
