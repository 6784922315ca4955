internal import Omnibus

/// A destination that publishes: how it is connected is how its publisher is.
protocol PublishingStep: ConnectedStep {
  var publisher: Publisher { get }
}

extension PublishingStep {
  func prepare() async throws { try await publisher.prepare() }
  var condition: ConnectionCondition { publisher.condition.now }
  func onBlock(_ body: @escaping @Sendable () -> Void) -> Int { publisher.condition.onBlock(body) }
  func removeObserver(_ number: Int) { publisher.condition.removeObserver(number) }
}
