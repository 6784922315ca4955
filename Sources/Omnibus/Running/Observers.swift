/// Who is to be told of something, each under a number that takes it back. A value: whoever tells them keeps it under a lock,
/// and calls them outside of it.
public struct Observers<Body: Sendable>: Sendable {
  private var bodies: [Int: Body] = [:]
  private var last = 0

  /// Nobody.
  public init() {}

  /// How many there are.
  public var count: Int { bodies.count }

  /// All of them, in no order.
  public var all: [Body] { Array(bodies.values) }

  /// Adds one, and answers its number.
  public mutating func add(_ body: Body) -> Int {
    last += 1
    bodies[last] = body
    return last
  }

  /// Takes one back, and answers it, so that what it holds can be let go of outside of the lock; nil where there is none of
  /// the number.
  @discardableResult
  public mutating func remove(_ number: Int) -> Body? { bodies.removeValue(forKey: number) }

  /// Takes all of them back, and answers them.
  public mutating func removeAll() -> [Body] {
    defer { bodies = [:] }
    return all
  }
}
