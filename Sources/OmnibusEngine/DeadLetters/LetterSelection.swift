public import OmnibusStore

/// Which dead letters are to be replayed or dropped.
public enum LetterSelection: Sendable, Equatable {
  /// Those with these ids, in this order.
  case ids([String])
  /// All that a filter lets through, oldest first: of those that are there when it begins.
  case matching(DeadLetterFilter)
}
