import Synchronization

/// A place that goes on with each look.
final class Place: Sendable {
  private let place = Mutex(0)

  /// The place, which then is `count` further on.
  func take(_ count: Int) -> Int {
    place.withLock { place in
      defer { place += count }
      return place
    }
  }
}
